"""Recipes: every shipped one is whole, every mistake in one is named with its key before anything starts."""

from dataclasses import replace
from pathlib import Path

import pytest

from medgan_viewer import resources
from medgan_viewer.errors import UsageError
from medgan_viewer.lab.methods import DataShapes
from medgan_viewer.lab.recipe import load_recipe, without_adversary
from medgan_viewer.lab.training import start
from medgan_viewer.models.manifest import read_package
from tests.lab.small_runs import small_recipe, write_recipe

PICTURES = DataShapes(6, 1, 0, (32, 32))
SHIPPED = sorted(path.stem for path in resources.path("recipes").glob("*.toml"))
SHAPES = {
    "head-ct-to-mr-first": DataShapes(6, 3, 14, (160, 160)),
    "head-ct-to-mr": DataShapes(6, 3, 14, (160, 160)),
    "head-mr-to-ct": DataShapes(3, 1, 14, (128, 128)),
    "head-anatomy-first": DataShapes(6, 0, 14, (128, 128)),
    "head-anatomy": DataShapes(6, 0, 14, (128, 128)),
    "head-anomaly": DataShapes(1, 1, 2, (192, 128)),
    "head-anomaly-lgg": DataShapes(1, 1, 2, (160, 128)),
    "head-anomaly-lgg-f-anogan": DataShapes(1, 1, 2, (128, 96)),
    "head-anomaly-lgg-ebgan": DataShapes(1, 1, 2, (128, 96)),
    "head-anomaly-f-anogan": DataShapes(1, 1, 2, (128, 96)),
    "head-anomaly-ebgan": DataShapes(1, 1, 2, (128, 96)),
    "lgg-tumour-first": DataShapes(3, 0, 2, (160, 160)),
    "lgg-tumour": DataShapes(6, 0, 2, (160, 160)),
    "hippocampus": DataShapes(9, 0, 3, (64, 64)),
    "mr-contrast-heads": DataShapes(3, 2, 14, (128, 128)),
    "mr-contrast": DataShapes(3, 2, 2, (128, 128)),
    "sequence-guess": DataShapes(1, 0, 15, (96, 96)),
    "mr-contrast-two-heads": DataShapes(6, 1, 14, (128, 128)),
    "mr-contrast-two": DataShapes(6, 1, 2, (128, 128)),
    "mr-contrast-lgg": DataShapes(1, 1, 2, (160, 160)),
    "ct-low-dose": DataShapes(1, 1, 0, (96, 96)),
    "mr-enhance-first": DataShapes(7, 1, 0, (96, 96)),
    "mr-enhance": DataShapes(7, 1, 0, (96, 96)),
    "mr-field": DataShapes(3, 1, 14, (128, 128)),
    "tumour-type": DataShapes(1, 0, 3, (96, 96)),
    "tumour-slices": DataShapes(0, 1, 3, (64, 64)),
}


@pytest.mark.parametrize("name", SHIPPED)
def test_that_each_shipped_recipe_is_whole_and_fits_its_networks(name: str) -> None:
    recipe = load_recipe(resources.path("recipes", f"{name}.toml"))
    assert recipe.id == name
    if recipe.training.start:  # goes on from a run of another one, which is trained first
        assert recipe.training.start.removeprefix("runs/") in SHIPPED
        recipe = replace(recipe, training=replace(recipe.training, start=""))
    start.check(recipe)
    made = start.method_of(recipe, SHAPES[name])
    weights = sum(weight.numel() for weight in made.deployed(made.generator).parameters())
    assert weights < 4_000_000
    if recipe.manifest is not None and resources.path("models", name).is_dir():
        package = read_package(resources.path("models", name)).manifest
        assert package.network == recipe.generator.name
        assert list(package.limits) == recipe.manifest.limits


def test_that_a_recipe_is_read_with_its_defaults(tmp_path: Path) -> None:
    recipe = small_recipe(tmp_path)
    assert recipe.training.betas == (0.5, 0.999)
    assert recipe.training.steps == 4
    assert [phase.adversarial for phase in recipe.training.phases] == [False, True]
    assert (recipe.inputs, recipe.targets) == (("CT",), ("T1",))
    assert len(recipe.digest) == 64


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('id = "small-ct-to-mr"', "id = "), "is no TOML"),
        (('id = "small-ct-to-mr"', ""), "id is missing"),
        (('task = "synthesis"', 'task = "sintesis"'), r"task is sintesis: did you mean synthesis\?"),
        (('task = "synthesis"', 'task = "synthesis"\ncolour = "red"'), "colour is unknown: there are id, task"),
        (
            ("batch = 2", "batch = 2\nmesure_every = 3"),
            r"training\.mesure_every is unknown: did you mean measure_every",
        ),
        (("batch = 2", 'batch = "two"'), r"training\.batch must be a whole number, not 'two'"),
        (("batch = 2", "batch = true"), r"training\.batch must be a whole number"),
        (("batch = 2", "batch = 0"), r"training\.batch must be above 0"),
        (("batch = 2", "batch = 2\nbetas = [0.5]"), r"training\.betas must be a list"),
        (("batch = 2", "batch = 2\nweight_decay = -1"), r"training\.weight_decay must not be negative"),
        (("batch = 2", "batch = 2\naverage_decay = 1"), r"training\.average_decay must be"),
        (('precision = "fp32"', 'precision = "fp16"'), r"training\.precision is fp16: there are auto, fp32, bf16"),
        (("steps = 2\nadversarial = false", "adversarial = false"), r"training\.phases\.steps is missing"),
        (("steps = 2\nadversarial = false", "steps = 0\nadversarial = false"), "must be at least 1"),
        (("steps = 2\nadversarial = true", "steps = 2\nadversarial = false"), "discriminator is never trained"),
        (("[discriminator]", "[discriminater]"), r"discriminater is unknown: did you mean discriminator\?"),
        (('name = "CT → T1"\n', ""), r"manifest\.name is missing"),
        (("[generator]\nname", "[generator]\nnam"), r"generator\.nam is unknown: did you mean name"),
        (('kind = "simulated_heads"', ""), r"data\.kind is missing"),
        (('task = "synthesis"', 'task = "lab"'), "manifest needs a task"),
        (('id = "small-ct-to-mr"', 'id = "../Small"'), "id may have lower-case letters"),
        (("batch = 2", "batch = 2\nbetas = [0.5, 1.5]"), r"training\.betas must be at least 0 and below 1"),
        (("samples = 4", "samples = 1"), r"training\.samples must be at least 2"),
        (('name = "reconstruction"\nsteps', 'name = "adversarial"\nsteps'), "must differ from phase to phase"),
        (("steps = 2\nadversarial = false", "steps = 2\nadversarial = false\nfinal_rate = 3"), "must be at most 1"),
    ],
)
def test_that_a_mistake_in_a_recipe_is_named(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=rf"small\.toml.*{message}"):
        small_recipe(tmp_path, change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('kind = "simulated_heads"', 'kind = "simulated_head"'), r"did you mean simulated_heads\?"),
        (("crop = 32", "corp = 32"), r"data\.corp is unknown: did you mean crop\?"),
        (('inputs = ["CT"]', ""), "needs inputs"),
        (('name = "translation"', 'name = "translations"'), r"did you mean translation\?"),
        (('objective = "lsgan"', 'objectiv = "lsgan"'), r"method\.objectiv is unknown: did you mean objective\?"),
        (('objective = "lsgan"', 'objective = "lsgam"'), "There is no objective lsgam"),
        (
            ('objective = "lsgan"', 'objective = {name = "wgan", clap = 1}'),
            "wgan has no parameter clap: it takes",
        ),
        (('objective = "lsgan"', "r1 = -1"), "r1 must not be negative"),
        (('name = "unet_2p5d"', 'name = "unet"'), r"There is no network unet .*did you mean unet_2p5d\?"),
        (("features = [8, 8]", "widths = [8, 8]"), "unet_2p5d takes no widths"),
        (("features = [8, 8]", "features = 8"), r"generator\.arguments\.features must be a list"),
        (('name = "translation"', 'name = "segmentation"'), "trains for the task segmentation or lab, not synthesis"),
        (('task = "synthesis"', 'task = "anomaly"'), "trains for the task synthesis or lab, not anomaly"),
        (('inputs = ["CT"]', 'inputs = "CT"'), r"data\.inputs must be a list, in brackets, not 'CT'"),
        (("crop = 32", 'crop = "big"'), r"data\.crop must be a whole number"),
        (("crop = 32", "crop = -1"), r"data\.crop must not be negative"),
        (("batch = 2", 'batch = 2\nstart = "nobody"'), r"training\.start is nobody"),
        (('{ CT = "ct_two_window" }', '{ CT = "ct" }'), r"manifest\.encoding is ct: there are ct_two_window"),
        (('{ CT = "ct_two_window" }', "{ }"), "names no encoding for CT"),
        (("channel = 0\nname", "channel = 3\nname"), "must number its entries by channel from 0 on"),
        (('decoding = "mr_unit"', 'decoding = "mr"'), r"manifest\.outputs\.decoding is mr"),
        (('modalities = ["CT"]', "modalities = []"), r"manifest\.modalities is empty"),
    ],
)
def test_that_what_does_not_exist_is_named_before_any_data_is_opened(
    tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    recipe = small_recipe(tmp_path, change)
    with pytest.raises(UsageError, match=rf"In the recipe small\.toml.*{message}"):
        start.check(recipe)


@pytest.mark.parametrize(
    ("changes", "shapes", "message"),
    [
        (
            [('objective = "lsgan"', 'objective = "ebgan"')],
            PICTURES,
            "needs one that reconstructs",
        ),
        (
            [("features = [8, 8]", "features = [8, 8], in_channels = 9")],
            PICTURES,
            "has in_channels = 9",
        ),
        (
            [('name = "patch_discriminator"\narguments = { features = [4, 8] }', 'name = "projection_discriminator"')],
            PICTURES,
            "must be told a class",
        ),
        ([("features = [8, 8]", "features = [8, 8, 8, 8, 8, 8, 8, 8]")], PICTURES, "cannot take inputs|gives"),
    ],
)
def test_that_what_does_not_go_together_is_named(
    tmp_path: Path, changes: list[tuple[str, str]], shapes: DataShapes, message: str
) -> None:
    recipe = small_recipe(tmp_path, *changes)
    start.check(recipe)
    with pytest.raises((ValueError, TypeError), match=message):
        start.method_of(recipe, shapes)


def test_that_what_learns_from_its_adversary_alone_has_no_phase_without(tmp_path: Path) -> None:
    changes = (('task = "synthesis"', 'task = "lab"'), ('name = "translation"', 'name = "generation"'))
    path = write_recipe(tmp_path, *changes)
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.index("[manifest]")], encoding="utf-8")
    with pytest.raises(UsageError, match="the phase reconstruction must say adversarial = true"):
        start.check(load_recipe(path))


def test_that_an_adversarial_phase_needs_a_discriminator_unless_it_weighs_nothing(tmp_path: Path) -> None:
    without = ('[discriminator]\nname = "patch_discriminator"\narguments = { features = [4, 8] }\n', "")
    with pytest.raises(UsageError, match=r"there is no \[discriminator\]"):
        small_recipe(tmp_path, without)
    weightless = ('objective = "lsgan"', 'objective = "lsgan"\nadversarial_weight = 0')
    assert small_recipe(tmp_path, without, weightless).discriminator is None


def test_that_the_twin_has_the_same_steps_and_no_adversary(tmp_path: Path) -> None:
    recipe = small_recipe(tmp_path)
    twin = without_adversary(recipe)
    assert twin.training.steps == recipe.training.steps
    assert not any(phase.adversarial for phase in twin.training.phases)
    assert twin.discriminator is None
    assert "adversary = false" in twin.text
    assert without_adversary(small_recipe(tmp_path)).digest == twin.digest != recipe.digest


def test_that_a_missing_recipe_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere\.toml cannot be read: No such file"):
        load_recipe(tmp_path / "nowhere.toml")


def test_that_a_recipe_in_another_alphabet_is_a_sentence(tmp_path: Path) -> None:
    path = write_recipe(tmp_path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="is no TOML"):
        load_recipe(path)
