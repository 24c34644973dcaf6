"""Easy and hard, frequent and rare rows: which of them make up the loss, and its gradient?"""

import numpy as np
import numpy.typing as npt

from xentlib.explorables._kind import Kind, Number, Slider, Stops
from xentlib.losses import sigmoid_focal_loss, softmax

# A row's margin is the logit of its own class: 26 bins, and the middle of each. Most rows of the
# frequent class are easy, with a probability q above one half, most of the rare class are not.
MARGINS = np.arange(-4.75, 8, 0.5)
MEANS = {"frequent": 4.0, "rare": -1.0}
SPREAD = 1.5


def rows(mean: float) -> npt.NDArray[np.float64]:
    """Return the share of a class's rows in each bin."""
    heights = np.exp(-(((MARGINS - mean) / SPREAD) ** 2) / 2)
    return np.asarray(heights / heights.sum())


def loss_and_pull(
    margins: npt.NDArray[np.float64], gamma: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the focal loss of rows, and the size of its gradient in their logit."""
    q, miss = softmax(np.stack([margins, np.zeros_like(margins)]), axis=0)  # miss is 1 - q
    ones = np.ones_like(margins)
    nll = np.asarray(sigmoid_focal_loss(margins, ones, gamma=0, reduction="none"))
    loss = np.asarray(sigmoid_focal_loss(margins, ones, gamma=gamma, reduction="none"))
    return loss, miss**gamma * (miss + gamma * q * nll)


def reference(share: float, weight: float, gamma: float, alpha: float) -> dict[str, object]:
    """Return what part of the loss and the gradient comes from rare, and what from easy rows."""
    frequent = (1 - alpha) * (1 - share) * rows(MEANS["frequent"])
    rare = weight * alpha * share * rows(MEANS["rare"])
    easy = MARGINS > 0
    found: dict[str, object] = {}
    for name, each in zip(("loss", "pull"), loss_and_pull(MARGINS, gamma), strict=True):
        total = (frequent + rare) @ each
        found[f"{name}_rare"] = 100 * (rare @ each) / total
        found[f"{name}_easy"] = 100 * ((frequent + rare)[easy] @ each[easy]) / total
    _, (hard_row, easy_row) = loss_and_pull(np.log([1 / 9, 9]), gamma)
    return {**found, "hard_row": hard_row, "easy_row": easy_row}


RARE = {"share": 0.01, "alpha": 0.5}

KIND = Kind(
    name="reweight",
    title="Who makes up the loss, and the gradient",
    try_this=(
        "Press Plain, and look for the rare rows in the first picture, then in the second. Raise "
        "the weight until they make up half of the loss. Then press Plain again and raise γ: who "
        "gains now, who loses?"
    ),
    controls=(
        Stops(
            "share",
            "Share of the rare class in the rows",
            0.01,
            values=(0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001),
        ),
        # of each share, the inverse frequency
        Stops("weight", "Weight of the rare class", 1, values=(1, 4, 9, 19, 49, 99, 199, 499, 999)),
        Slider("gamma", "Focusing parameter γ", 0, low=0, high=5, step=0.1),
        Slider("alpha", "α of the rare class (other: 1 − α)", 0.5, low=0.05, high=0.95, step=0.05),
    ),
    numbers=(
        Number("loss_rare", "Loss from rare rows", "%"),
        Number("loss_easy", "Loss from easy rows", "%"),
        Number("pull_rare", "Gradient from rare rows", "%"),
        Number("pull_easy", "Gradient from easy rows", "%"),
        Number("hard_row", "Pull at q = 0.1, no weights"),
        Number("easy_row", "Pull at q = 0.9, no weights"),
    ),
    presets={
        "Plain": {**RARE, "weight": 1, "gamma": 0},
        "Inverse frequency": {**RARE, "weight": 99, "gamma": 0},
        "Focal, γ = 2": {**RARE, "weight": 1, "gamma": 2},
        "Both": {**RARE, "weight": 99, "gamma": 2},
    },
    code=(
        "import numpy as np\n"
        "from xentlib import sigmoid_focal_loss\n\n"
        "margins = np.arange(-4.75, 8, 0.5)  # the logit of a row's own class\n"
        "rare, frequent = (np.exp(-(((margins - mean) / 1.5) ** 2) / 2) for mean in (-1, 4))\n"
        'options = dict(gamma={gamma}, alpha={alpha}, reduction="none")\n'
        "of_1 = sigmoid_focal_loss(margins, np.ones(26), **options)\n"
        "of_0 = sigmoid_focal_loss(-margins, np.zeros(26), **options)\n"
        "from_rare = {weight} * {share} * rare @ of_1 / rare.sum()\n"
        "from_frequent = (1 - {share}) * frequent @ of_0 / frequent.sum()\n"
        "100 * from_rare / (from_rare + from_frequent)"
    ),
    code_gives="loss_rare",
    reference=reference,
)
