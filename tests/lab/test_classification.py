"""The method that answers questions about pictures."""

import math

import pytest
import torch

from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.methods import DataShapes, Network, method, settings_of
from medgan_viewer.lab.methods.classification import Classification

DATA = DataShapes(source_channels=1, classes=5, size=(32, 32))
SMALL = Network("slice_classifier", {"features": (4, 6, 8), "dropout": 0.0})


def made(**arguments: object) -> Classification:
    torch.manual_seed(0)
    found = method("classification", generator=SMALL, discriminator=None, data=DATA, **arguments)
    assert isinstance(found, Classification)
    return found


def batch(labels: list[list[int]]) -> dict[str, torch.Tensor]:
    pictures = torch.rand(len(labels), 1, 32, 32, generator=torch.Generator().manual_seed(1))
    return {"source": pictures, "label": torch.tensor(labels)}


def test_that_the_loss_is_each_questions_cross_entropy_over_known_answers() -> None:
    some = made(questions=(3, 2))
    some.generator.eval()
    given = batch([[0, 1], [2, -1], [1, -1]])
    losses = some.generator_loss(given, Draw(0), adversarial=False)
    logits = some.generator(given["source"]).detach()
    first = logits[:, :3].log_softmax(1)[torch.arange(3), torch.tensor([0, 2, 1])]
    second = logits[0, 3:].log_softmax(0)[1]
    assert losses.total.item() == pytest.approx(float(-first.mean() - second), rel=1e-5)
    assert losses.parts["right/0"] == pytest.approx(
        float((logits[:, :3].argmax(1) == torch.tensor([0, 2, 1])).float().mean())
    )


def test_that_a_batch_in_which_nobody_knows_an_answer_still_has_a_loss() -> None:
    losses = made(questions=(3, 2)).generator_loss(batch([[0, -1], [1, -1]]), Draw(0), adversarial=False)
    assert math.isfinite(losses.total.item())


def test_that_one_question_needs_no_settings_and_labels_without_a_second_axis() -> None:
    some = made()
    given = {**batch([[0]] * 4), "label": torch.tensor([0, 1, 4, 2])}
    assert some.questions == (5,)
    assert some.generator_loss(given, Draw(0), adversarial=False).total.item() > 0


def test_that_it_learns_where_a_spot_lies() -> None:
    some = made(questions=(3, 2))
    optimiser = torch.optim.Adam(some.generator.parameters(), lr=1e-2)
    draw = Draw(0)
    for _ in range(40):
        label = draw.integers(2, 16, 2)
        pictures = 0.1 * draw.uniform(16, 1, 32, 32)
        for sample, (bright, wide) in enumerate(label.tolist()):
            pictures[sample, 0, 8 : 12 + 8 * wide, 8:16] = 0.4 + 0.6 * bright
        losses = some.generator_loss({"source": pictures, "label": label}, draw, adversarial=False)
        optimiser.zero_grad()
        losses.total.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    assert losses.parts["right/0"] > 0.9
    assert losses.parts["right/1"] > 0.9


def test_that_samples_are_bars_as_long_as_a_class_is_likely() -> None:
    some = made(questions=(3, 2))
    given = batch([[0, 0], [0, 0]])
    bars = some.samples(some.generator, given, Draw(0))
    some.generator.eval()
    likely = some.generator(given["source"])[:, :3].softmax(1)
    assert bars.shape == (2, 1, 20, 64)
    assert bars[:, 0, 0].mean(dim=1) == pytest.approx(likely[:, 0].detach().numpy(), abs=0.02)


def test_that_settings_that_do_not_fit_are_sentences() -> None:
    with pytest.raises(ValueError, match=r"3 \+ 3 classes, but the data have 5"):
        made(questions=(3, 3))
    with pytest.raises(ValueError, match="at least 2"):
        settings_of("classification", questions=(1,))
    with pytest.raises(ValueError, match="leave \\[discriminator\\] out"):
        method("classification", generator=SMALL, discriminator=SMALL, data=DATA)
