"""Reading what a newer hub sends: members that this version does not know are passed over, not refused."""

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
        name: _inside(info.annotation, document[name]) for name, info in model.model_fields.items() if name in document
    }


def _inside(annotation: Any, value: Any) -> Any:
    nested = _model_in(annotation)
    if nested is None:
        return value
    if isinstance(value, list):
        return [tolerant(nested, item) for item in value]
    if isinstance(value, dict) and get_origin(annotation) is dict:
        return {key: tolerant(nested, item) for key, item in value.items()}
    return tolerant(nested, value)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part)) is not None), None)
