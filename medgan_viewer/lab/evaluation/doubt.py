"""What a model card says of sharpness and interval."""

from collections.abc import Mapping
from typing import Any

__all__ = ["lines"]


def lines(manifest: Mapping[str, Any]) -> list[str]:
    """Return a card's section on sharpness and interval; no lines where the model has neither."""
    said = []
    controls = manifest.get("controls", {})
    if "strength" in controls:
        stops = ", ".join(f"{stop:g}" for stop in controls["strength"]["stops"])
        said.append(
            "What the network gives is its input plus a correction. The viewer's control *strength* adds a share of "
            f"it, {stops} (0: the picture as acquired), and draws over the picture what was changed."
        )
    if "sharpness" in controls:
        stops = ", ".join(f"{stop:g}" for stop in manifest["controls"]["sharpness"]["stops"])
        said.append(
            "One set of weights was trained for every weight of the adversary from 0 (sober: what the same network "
            f"gives without one) to 1 (sharp); the viewer's control runs it at {stops}."
        )
    if "interval" in manifest:
        said.append(_interval(manifest["interval"], manifest["outputs"]))
    return ["## Doubt", "", *(line for text in said for line in (text, ""))] if said else []


def _interval(found: Mapping[str, Any], outputs: list[dict[str, Any]]) -> str:
    by_channel = {output["channel"]: output for output in outputs}
    margins = []
    for bound in found["bounds"]:
        output = by_channel[bound["channel"]]
        unit = " HU" if output["decoding"] == "ct_companded" else ""
        margins.append(f"{output['name']} {bound['margin']:+.3g}{unit}")
    share = f"{100 * found['level']:g} %"
    before = f"{100 * found['coverage_before']:.1f} %"
    return (
        f"The network gives the bounds of {share} of the truth at each pixel. On {found['patients']} patients set "
        f"aside ({found['calibrated_on']}) they held {before} as they are; margins at both ends with which they hold "
        f"on each of these patients: {', '.join(margins)}. A further patient of the same kind is covered to {share} "
        f"with a probability of at least {100 * found['promise']:.0f} %: so few patients promise no more."
    )
