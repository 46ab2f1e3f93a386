"""Reading what a newer hub sends: members that this version does not know are passed over, not refused."""

from functools import cache
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from adapters.sdk.problem import UnexpectedAnswer

_Model = TypeVar("_Model", bound=BaseModel)


def read(model: type[_Model], document: object) -> _Model:
    """Return what the hub answered as a model of the public interface. Raises UnexpectedAnswer."""
    try:
        return model.model_validate(tolerant(model, document))
    except ValidationError:
        raise UnexpectedAnswer(f"the hub's answer is not a {model.__name__.lower()} of the public interface") from None


def tolerant(model: type[BaseModel], document: Any) -> Any:
    """Return the JSON document without the members that the model, or a model inside it, does not have."""
    if not isinstance(document, dict):
        return document
    return {
        name: document[name] if nested is None else _inside(nested, keyed, document[name])
        for name, nested, keyed in _members(model)
        if name in document
    }


def _inside(nested: type[BaseModel], keyed: bool, value: Any) -> Any:
    if isinstance(value, list):
        return [tolerant(nested, item) for item in value]
    if isinstance(value, dict) and keyed:
        return {key: tolerant(nested, item) for key, item in value.items()}
    return tolerant(nested, value)


@cache
def _members(model: type[BaseModel]) -> tuple[tuple[str, type[BaseModel] | None, bool], ...]:
    """Return each member's name, the model inside it, and whether it is a mapping to that model."""
    return tuple(
        (name, _model_in(info.annotation), get_origin(info.annotation) is dict)
        for name, info in model.model_fields.items()
    )


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part)) is not None), None)
