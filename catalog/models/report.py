from django.db import models


class Report(models.Model):
    """A reader says that a number is wrong. It changes nothing until an editor has looked."""

    class State(models.TextChoices):
        OPEN = "open"
        CORRECTED = "corrected", "corrected: the reader was right"
        KEPT = "kept", "kept: the number is right"

    page = models.CharField(max_length=300, help_text="The page on which the reader saw it.")
    about = models.CharField(max_length=300, blank=True, help_text="Which number: its kind and what it is about.")
    shown = models.CharField(max_length=120, blank=True, help_text="What the page said.")
    right_value = models.CharField(max_length=120, blank=True, verbose_name="what it should be")
    evidence_url = models.CharField(max_length=1000, blank=True, verbose_name="where that can be read")
    text = models.TextField(max_length=2000, blank=True)
    contact = models.CharField(max_length=200, blank=True, help_text="Only if the reader wants an answer.")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    created_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=150, blank=True)
    answer = models.TextField(blank=True, help_text="What was found out, and what was done.")

    class Meta:
        ordering = ["-pk"]
        verbose_name = "report of a wrong number"
        verbose_name_plural = "reports of wrong numbers"
        indexes = [models.Index(fields=["state"])]

    def __str__(self) -> str:
        return f"{self.about or self.page}: {self.shown or self.text[:60]}"
