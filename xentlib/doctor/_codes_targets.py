"""The codes of what can be wrong with shapes and targets, or with all that was given."""

from xentlib.doctor._code import (
    AVERAGE,
    SHAPE,
    TARGET,
    Code,
    Mend,
    binary,
    same_loss,
)

FLOATS = Mend(
    "targets = targets.astype(float)",
    torch="targets = targets.float()",
    keras='targets = keras.ops.cast(targets, "float32")',
)
SHAPES = Mend("print(outputs.shape, targets.shape)")

TARGETS = {
    "class-axis": Code(
        SHAPE,
        "error",
        Mend(
            "outputs = np.moveaxis(outputs, 1, -1)  # or axis=1",
            torch="outputs = outputs.movedim(-1, 1)",
            keras="outputs = keras.ops.moveaxis(outputs, 1, -1)",
            jax="outputs = jnp.moveaxis(outputs, 1, -1)",
        ),
        "T18",
        {
            "transposed": Mend("outputs = outputs.T"),
            "flat": Mend(
                "# first move the classes to the last axis, then reshape to (-1, {classes})"
            ),
            "rows": Mend(
                "outputs = np.moveaxis(outputs, 1, -1)  # the classes of both last",
                torch="targets = targets.movedim(-1, 1)  # the classes of both second",
                keras="outputs = keras.ops.moveaxis(outputs, 1, -1)  # the classes of both last",
                jax="outputs = jnp.moveaxis(outputs, 1, -1)  # the classes of both last",
            ),
        },
    ),
    "broadcast": Code(
        SHAPE, "error", Mend("outputs = outputs.reshape(targets.shape)  # one for both"), "T20"
    ),
    "label-column": Code(
        SHAPE,
        "error",
        Mend("targets = targets.squeeze(-1)", torch="targets = targets.squeeze(1)"),
        "T19",
    ),
    "shape": Code(SHAPE, "error", SHAPES, "T15"),
    "swapped": Code(
        SHAPE,
        "error",
        same_loss("{takes}", "the model's output first")._replace(
            keras="loss(y_true=targets, y_pred={takes})",
            sklearn="log_loss(y_true=targets, y_pred=model.predict_proba(X))",
        ),
        "T23",
    ),
    "integer-one-hot": Code(TARGET, "error", FLOATS, "T8"),
    "multi-hot": Code(
        TARGET,
        "warning",
        binary("several at once")._replace(
            hand="xentlib.binary_cross_entropy_with_logits(logits, targets * 1.0)  # several",
            torch="F.binary_cross_entropy_with_logits(logits, targets.float())  # several",
        ),
        "T12",
    ),
    "label-type": Code(
        TARGET,
        "error",
        Mend(
            "targets = targets.astype(int)",
            torch="targets = targets.long()",
            keras='targets = keras.ops.cast(targets, "int64")',
        ),
        "T9, T13",
        {"binary": FLOATS, "rows": Mend("# keep the shares as they are: whole numbers lose them")},
    ),
    "label-range": Code(
        TARGET,
        "error",
        Mend("targets[(targets < 0) | (targets >= {classes})]  # where do these come from?"),
        "T11",
        {
            "padding": Mend(
                "ignore_index = {lowest}  # if that is your padding",
                keras="ignore_class = {lowest}  # if that is your padding",
                jax="losses.sum(where=targets != {lowest}) / (targets != {lowest}).sum()",
            )
        },
    ),
    "labels-from-one": Code(TARGET, "error", Mend("targets = targets - 1"), "T10"),
    "target-negative": Code(
        TARGET, "error", Mend("targets = targets.clip(0)  # and find out why"), "T12"
    ),
    "target-sum": Code(
        TARGET,
        "warning",
        Mend(
            "targets = targets / targets.sum(axis=-1, keepdims=True)",
            torch="targets = targets / targets.sum(dim=1, keepdim=True)",
        ),
        "T12",
    ),
    "binary-range": Code(
        TARGET,
        "error",
        Mend("targets = (targets > targets.min()) * 1.0  # if the lower number means no"),
        "T13",
    ),
    "all-ignored": Code(
        AVERAGE,
        "error",
        Mend("losses.sum() / max((targets != {ignore_index}).sum(), 1)"),
        "T26",
    ),
    "mostly-ignored": Code(
        AVERAGE,
        "warning",
        Mend("(1.0 * (targets != {ignore_index})).mean()  # the share that counts"),
    ),
    "ignored-class": Code(
        TARGET,
        "note",
        Mend("ignore_index = {ignore_index}  # skips rows; the class stays in every softmax"),
        "T14",
    ),
    # no arrays at all
    "empty": Code(SHAPE, "error", SHAPES),
    "ragged": Code(
        SHAPE,
        "error",
        Mend("np.array([row + [-100] * (max(map(len, rows)) - len(row)) for row in rows])"),
    ),
    "not-numbers": Code(TARGET, "error", Mend("np.asarray(x, dtype=float)")),
}
