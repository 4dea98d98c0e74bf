"""What a visitor asks of the training page: one address holds rent, cost of owning, and inputs of the verdict."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from dashboard.errors import BadParameter
from dashboard.ledger import DEFAULT_RENT, MAX_RENT, USUAL, PlausibilityAssumptions
from dashboard.plausibility_inputs import Field, parameters, parse_inputs
from dashboard.query import parse_amount
from dashboard.training_costs import AS_THE_MARKET, OwnershipAssumptions


@dataclass(frozen=True, slots=True)
class TrainingQuery:
    """Every assumption behind the page, and the fields in which they are changed."""

    rent: Decimal = DEFAULT_RENT
    owned: OwnershipAssumptions = AS_THE_MARKET
    judged_by: PlausibilityAssumptions = USUAL
    judging: tuple[Field, ...] = ()

    @classmethod
    def read(cls, values: Mapping[str, str]) -> tuple["TrainingQuery", list[BadParameter]]:
        """What can be read, with defaults for the rest, and an error for each value that cannot."""
        rent, errors = DEFAULT_RENT, []
        if text := values.get("usd_per_gpu_hour", "").strip():
            try:
                rent = parse_amount("usd_per_gpu_hour", text, most=MAX_RENT, example="2")
            except BadParameter as error:
                errors.append(error)
        owned, unread = OwnershipAssumptions.parse(values)
        judged_by, judging, misread = parse_inputs(values)
        return cls(rent, owned, judged_by, tuple(judging)), [*errors, *unread, *misread]

    @classmethod
    def parse(cls, values: Mapping[str, str]) -> "TrainingQuery":
        """:raises BadParameter: for the first value that cannot be read."""
        query, errors = cls.read(values)
        if errors:
            raise errors[0]
        return query

    @property
    def parameters(self) -> dict[str, str]:
        """The query string's content, defaults left out."""
        rent = {} if self.rent == DEFAULT_RENT else {"usd_per_gpu_hour": f"{self.rent.normalize():f}"}
        return rent | self.owned.parameters | parameters(self.judged_by)

    @property
    def string(self) -> str:
        return f"?{urlencode(self.parameters)}" if self.parameters else ""
