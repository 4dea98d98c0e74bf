from evals.models.alert import Alert, AlertRule, Channel, Delivery, Look
from evals.models.comparison import Comparison
from evals.models.endpoint import Endpoint
from evals.models.run import Attempt, Run, RunSample
from evals.models.schedule import Schedule, ScheduleSlot, SlotRun
from evals.models.spending import SpendingDay
from evals.models.suite import Sample, Suite

__all__ = [
    "Alert",
    "AlertRule",
    "Attempt",
    "Channel",
    "Comparison",
    "Delivery",
    "Endpoint",
    "Look",
    "Run",
    "RunSample",
    "Sample",
    "Schedule",
    "ScheduleSlot",
    "SlotRun",
    "SpendingDay",
    "Suite",
]
