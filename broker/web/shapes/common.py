"""What many answers have in common."""

from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, Field

T = TypeVar("T")

Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Position = Annotated[str, Field(pattern=r"^[0-9]+\.[0-9]+$", description="<generation>.<number> of the mailbox")]
Data = Annotated[dict[str, Any], Field(description="as the caller may see it; by the contract of the type")]
Mail = Annotated[
    dict[str, Any],
    Field(description="a CloudEvent as this agency gets it: `<type>.received` in /asyncapi.json"),
]


class Page(BaseModel, Generic[T]):
    """One page of a list."""

    items: list[T]
    next: str | None = Field(description="`cursor` of the next page; null at the end")
