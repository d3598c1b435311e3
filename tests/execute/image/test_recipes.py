from rockpool.execute.image.client import Client
from rockpool.execute.image.recipes import MACHINES, PACKAGES, RECIPES, keys

PLAIN = Client(apt_sources="", apt_options=(), certificates={})
OTHER = Client(apt_sources="", apt_options=(), certificates={"own.crt": b"x"})


def test_needs_come_before_what_needs_them() -> None:
    order = list(RECIPES)
    assert all(order.index(need) < order.index(name) for name, recipe in RECIPES.items() for need in recipe.needs)
    assert {*MACHINES, *PACKAGES} < set(RECIPES)


def test_every_recipe_has_a_key_of_its_own_that_depends_on_architecture_and_client() -> None:
    plain = keys("amd64", PLAIN)
    assert len(set(plain.values())) == len(RECIPES)
    assert not set(plain.values()) & set(keys("arm64", PLAIN).values())
    assert not set(plain.values()) & set(keys("amd64", OTHER).values())
