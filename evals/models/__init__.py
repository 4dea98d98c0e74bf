from evals.models.comparison import Comparison
from evals.models.endpoint import Endpoint
from evals.models.run import Attempt, Run, RunSample
from evals.models.suite import Sample, Suite

__all__ = ["Attempt", "Comparison", "Endpoint", "Run", "RunSample", "Sample", "Suite"]
