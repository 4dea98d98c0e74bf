from evals.models.endpoint import Endpoint
from evals.models.run import Attempt, Run, RunSample
from evals.models.spending import SpendingDay
from evals.models.suite import Sample, Suite

__all__ = ["Attempt", "Endpoint", "Run", "RunSample", "Sample", "SpendingDay", "Suite"]
