from decimal import Decimal
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models

from catalog.models import ModelVersion
from evals.keys import KEY_VARIABLE

PATHS_OF_CALLS = ("/chat/completions", "/completions", "/messages", "/responses")


class Endpoint(models.Model):
    """A URL, a model id and a way to pay: something we can call."""

    class Dialect(models.TextChoices):
        OPENAI = "openai", "OpenAI-compatible"
        ANTHROPIC = "anthropic", "Anthropic Messages"

    class State(models.TextChoices):
        READY = "ready"
        PAUSED = "paused", "paused after failures"
        NO_CREDIT = "no_credit", "out of credit"
        REFUSED = "refused", "key or model refused"

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    dialect = models.CharField(max_length=12, choices=Dialect, default=Dialect.OPENAI)
    base_url = models.CharField(max_length=500, help_text='Such as "https://api.deepseek.com/v1".')
    model_id = models.CharField(max_length=300, help_text="The id the endpoint expects.")
    api_key_env = models.CharField(
        max_length=100,
        blank=True,
        verbose_name="API key variable",
        help_text="Name of the environment variable that holds the key. The key itself is never stored here.",
    )
    api_key_encrypted = models.TextField(blank=True, editable=False)
    api_key_fingerprint = models.CharField(
        max_length=16, blank=True, editable=False, help_text="Tells keys apart without showing them."
    )
    api_key_origin = models.CharField(
        max_length=300, blank=True, editable=False, help_text="The only scheme, host and port the kept key is sent to."
    )
    offering = models.ForeignKey(
        "catalog.Offering",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="endpoints",
        help_text="What is sold here; its prices apply.",
    )
    version = models.ForeignKey(
        "catalog.ModelVersion",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="endpoints",
        help_text="For a self-hosted endpoint: the weights it serves.",
    )
    machine_usd_per_hour = models.DecimalField(
        max_digits=12,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
        help_text="Self-hosted: what the machine costs. Price per token follows from measured throughput.",
    )
    machine_price_note = models.CharField(
        max_length=200,
        blank=True,
        help_text='Self-hosted: where that price comes from, such as "invoice of 3 November" or "an assumption".',
    )
    concurrency = models.PositiveSmallIntegerField(default=4)
    requests_per_minute = models.PositiveIntegerField(null=True, blank=True, help_text="Empty means no limit.")
    tokens_per_minute = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="Empty means no limit. A call counts its prompt and all the output it may make.",
    )
    context_tokens = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="Longest prompt with its answer. Empty: what its offering states. Longer samples are not sent.",
    )
    budget_usd_per_day = models.DecimalField(max_digits=12, decimal_places=6, null=True, blank=True)
    attempt_timeout_s = models.PositiveIntegerField(default=120, help_text="Total time one call may take.")
    state = models.CharField(max_length=12, choices=State, default=State.READY)
    state_message = models.TextField(blank=True)
    consecutive_failures = models.PositiveIntegerField(default=0)
    resume_at = models.DateTimeField(
        null=True, blank=True, help_text="No call before this moment: the provider asked us to wait, or a probe is due."
    )
    quirks = models.JSONField(
        default=list, blank=True, help_text="What the endpoint was found not to support, so that it is not asked again."
    )
    # One driver per endpoint: whoever holds the lease. Every write of a driver names itself, so a driver that lost
    # the lease writes nothing.
    lease_owner = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(offering__isnull=True) | models.Q(machine_usd_per_hour__isnull=True),
                name="endpoint_is_sold_or_self_hosted",
            ),
            models.CheckConstraint(
                condition=models.Q(api_key_env="") | models.Q(api_key_encrypted=""), name="endpoint_has_one_key"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def served_version(self) -> ModelVersion | None:
        """The weights that answer here, as far as the catalog knows them: stated, else those of the offering."""
        if self.version is not None:
            return self.version
        return self.offering.version if self.offering is not None else None

    @property
    def is_self_hosted(self) -> bool:
        return self.machine_usd_per_hour is not None

    def clean(self) -> None:
        """Say in words what cannot work, before the first call finds out."""
        problems: dict[str, str] = {}
        if problem := _base_url_problem(self.base_url):
            problems["base_url"] = problem
        if self.api_key_env and not KEY_VARIABLE.fullmatch(self.api_key_env):
            # The value is not repeated: it may be the key itself.
            problems["api_key_env"] = (
                "This is not the name of a variable for a key. Write a name that ends in _API_KEY, such as "
                "DEEPSEEK_API_KEY, and put "
                "the key into that variable of the worker; a key typed here would be stored in the open."
            )
        if self.offering is not None and self.machine_usd_per_hour is not None:
            problems["machine_usd_per_hour"] = (
                "An endpoint is either sold, with the prices of its offering, or self-hosted, with a machine price. "
                "Empty one of the two."
            )
        if self.concurrency == 0:
            problems["concurrency"] = "With 0 calls at once nothing is ever sent. Give at least 1."
        for name in ("requests_per_minute", "tokens_per_minute", "context_tokens"):
            if getattr(self, name) == 0:
                problems[name] = "With 0 nothing is ever sent. Leave it empty for no limit."
        if self.attempt_timeout_s == 0:
            problems["attempt_timeout_s"] = "A call needs some time. Give seconds, such as 120."
        if problems:
            raise ValidationError(problems)


def _base_url_problem(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return f"{url!r} is not a web address. Write one such as https://api.deepseek.com/v1."
    if parts.scheme not in {"http", "https"} or not host:
        return f"{url!r} is not a web address. Write one such as https://api.deepseek.com/v1."
    if parts.username or parts.password or parts.query or parts.fragment:
        return "Only scheme, host, port and path belong here; keys go into the API key variable."
    for path in PATHS_OF_CALLS:
        if parts.path.rstrip("/").endswith(path):
            return f"Leave {path} out; it is added to each call. The base URL usually ends in /v1."
    return ""
