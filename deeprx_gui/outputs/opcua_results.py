"""A verdict as OPC UA tells it: plain variables, and the result of OPC 40100-1."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any, Final

from asyncua import ua

from deeprx_gui.domain.blobs import places
from deeprx_gui.domain.line_status import LineProduct
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.outputs.base import NumberedRecord
from deeprx_gui.outputs.opcua_space import Space
from deeprx_gui.outputs.payload import plain_text

CODES: Final = {Verdict.OK: 1, Verdict.REVIEW: 2, Verdict.NG: 3, Verdict.ERROR: 4}
"""``VerdictCode``; 0: none yet."""
MOST_PLACES: Final = 5
KEPT: Final = 100
"""Results that ``GetResultById`` still knows."""
COMPLETED, FAILED = 1, 4
"""ResultState."""

VERDICT_VARIABLES: Final[Mapping[str, str]] = {
    "Sequence": "UInt32",
    "Uid": "String",
    "JobId": "String",
    "PartId": "String",
    "Verdict": "String",
    "VerdictCode": "UInt32",
    "Times": "Double",
    "ReviewTimes": "Double",
    "NgTimes": "Double",
    "Score": "Double",
    "Product": "String",
    "Revision": "UInt32",
    "Trigger": "UInt32",
    "Time": "DateTime",
    "Causes": "String",
    "Error": "String",
    "Places": "Double",
    "Station": "String",
    "StationId": "String",
    "Operator": "String",
    "Method": "String",
}
"""What ``VisionSystem.Verdict`` holds, and the keys of ``ResultContent``."""
ARRAYS: Final = frozenset({"Places"})


@dataclass(frozen=True)
class Job:
    """What a client started; ``meas``: its own name for the measurement, ``part`` its part."""

    id: str
    meas: str = ""
    part: str = ""


def verdict_values(told: NumberedRecord, job: Job) -> dict[str, Any]:
    """Return the value of every variable of ``VERDICT_VARIABLES``."""
    record = told.record
    return {
        "Sequence": told.sequence & 0xFFFFFFFF,
        "Uid": record.uid,
        "JobId": job.id,
        "PartId": plain_text(record.serial),
        "Verdict": record.verdict.value,
        "VerdictCode": CODES[record.verdict],
        "Times": float(record.times),
        "ReviewTimes": float(record.limits.review_times),
        "NgTimes": float(record.limits.ng_times),
        "Score": float(record.score),
        "Product": plain_text(record.profile),
        "Revision": record.revision,
        "Trigger": told.trigger & 0xFFFFFFFF,
        "Time": record.utc,
        "Causes": " ".join(cause.value for cause in record.causes),
        "Error": "" if record.error is None else plain_text(str(record.error)),
        "Places": place_numbers(told),
        "Station": plain_text(record.station),
        "StationId": record.station_id,
        "Operator": plain_text(record.operator),
        "Method": plain_text(record.method),
    }


def place_numbers(told: NumberedRecord) -> list[float]:
    """Return five numbers for each of the hottest places above the review limit.

    Left, top, right, bottom as shares of the picture (0 to 1), then × the suggested limit.
    """
    record = told.record
    if told.heat is None or record.verdict not in {Verdict.REVIEW, Verdict.NG}:
        return []
    found = places(told.heat, record.limits.review, most=MOST_PLACES).hottest
    return [
        float(number)
        for blob in found
        for number in (*blob.box, record.limits.times(blob.score))
        if math.isfinite(number)
    ]


class Results:
    """Makes results and remembers the last ``KEPT``."""

    def __init__(self, space: Space) -> None:
        self._space = space
        self._kept: deque[Any] = deque(maxlen=KEPT)

    def made(self, told: NumberedRecord, values: Mapping[str, Any], job: Job) -> Any:  # noqa: ANN401
        """Return a verdict as ``ResultDataType`` and remember it."""
        record, made = told.record, self._space.made
        end = record.utc + timedelta(milliseconds=max(record.latency, 0.0))
        product = LineProduct(record.profile_id, record.profile, record.revision)
        result = made(
            "ResultDataType",
            ResultId=made("ResultIdDataType", Id=record.uid),
            HasTransferableDataOnFile=False,
            IsPartial=False,
            IsSimulated=False,
            ResultState=FAILED if record.verdict is Verdict.ERROR else COMPLETED,
            MeasId=made("MeasIdDataType", Id=job.meas) if job.meas else None,
            PartId=made("PartIdDataType", Id=values["PartId"]),
            ExternalRecipeId=self.external(product),
            InternalRecipeId=self.internal(product),
            ProductId=made("ProductIdDataType", Id=plain_text(product.name)),
            InternalConfigurationId=made("ConfigurationIdDataType", Id=values["StationId"]),
            JobId=made("JobIdDataType", Id=job.id),
            CreationTime=record.utc,
            ProcessingTimes=made(
                "ProcessingTimesDataType",
                StartTime=record.when.astimezone(UTC),
                EndTime=end,
                ProcessingDuration=_finite(record.milliseconds),
            ),
            ResultContent=[self._pair(key, values[key]) for key in VERDICT_VARIABLES],
        )
        self._kept.append(result)
        return result

    def external(self, product: LineProduct) -> Any:  # noqa: ANN401
        """Return the id that people know a product by: its name."""
        return self._space.made("RecipeIdExternalDataType", Id=plain_text(product.name))

    def internal(self, product: LineProduct) -> Any:  # noqa: ANN401
        """Return the id that never changes, with the revision."""
        return self._space.made(
            "RecipeIdInternalDataType",
            Id=product.id,
            Version=str(product.revision),
            Description=ua.LocalizedText(plain_text(product.name)),
        )

    def find(self, uid: str) -> Any | None:  # noqa: ANN401
        """Return a result that is still known."""
        return next((each for each in reversed(self._kept) if each.ResultId.Id == uid), None)

    def newest_first(self) -> list[Any]:
        """Return all that are still known."""
        return list(reversed(self._kept))

    def _pair(self, key: str, value: Any) -> ua.Variant:  # noqa: ANN401
        return ua.Variant(
            ua.KeyValuePair(
                Key=ua.QualifiedName(key, self._space.vendor), Value=variant(value, key)
            ),
            ua.VariantType.ExtensionObject,
        )


def variant(value: Any, key: str) -> ua.Variant:  # noqa: ANN401
    """Return a value of ``VERDICT_VARIABLES`` with its type."""
    kind = ua.VariantType[VERDICT_VARIABLES[key]]
    return ua.Variant(value, kind, is_array=key in ARRAYS)


def _finite(value: float) -> float:
    return value if math.isfinite(value) else 0.0
