"""What an endpoint wants."""

import pytest

from broker.delivery.subscription import Subscription


@pytest.mark.parametrize(
    ("types", "wants"),
    [
        ((), True),
        (("concordat.child.located.v1",), True),
        (("concordat.child.*",), True),
        (("*",), True),
        (("concordat.episode.*", "concordat.child.located.v1"), True),
        (("concordat.child.located.v10",), False),
        (("concordat.child.located.v",), False),
        (("concordat.children.*",), False),
        (("concordat.episode.*",), False),
    ],
)
def test_an_endpoint_gets_the_types_that_it_named(types: tuple[str, ...], wants: bool) -> None:
    """Names are whole, or end in a star; with none named it gets everything."""
    assert Subscription(types).wants("concordat.child.located.v1") is wants
