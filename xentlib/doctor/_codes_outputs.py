"""The codes of what can be wrong with the outputs."""

from xentlib.doctor._code import (
    AVERAGE,
    DEFAULT,
    INPUT,
    SHAPE,
    SKLEARN,
    STABILITY,
    TWICE,
    Code,
    Mend,
    binary,
    classes,
    same_loss,
)

MASKS = STABILITY + "#masks-zero-times-infinity"
LOGARITHMS = Mend(
    "loss(xentlib.log_softmax(logits), targets)",
    torch="loss(F.log_softmax(logits, dim=1), targets)",
    keras="loss(targets, keras.ops.log_softmax(logits))",
    jax="loss(jax.nn.log_softmax(logits), targets)",
    sklearn=SKLEARN,
)
SINGLE = Mend(
    "logits = logits.astype(np.float32)  # from the last layer on",
    torch="logits = logits.float()  # from the last layer on",
    keras='logits = keras.ops.cast(logits, "float32")  # from the last layer on',
    jax="logits = logits.astype(jnp.float32)  # from the last layer on",
)

OUTPUTS = {
    "double-softmax": Code(
        TWICE,
        "error",
        classes("no softmax in the model"),
        "T1, T31",
        {"focal": same_loss("logits", "no softmax in the model")},
    ),
    "sigmoid-twice": Code(
        INPUT,
        "error",
        binary("no sigmoid in the model"),
        "T2",
        {"focal": same_loss("logits", "no sigmoid in the model")},
    ),
    "sigmoid-into-softmax": Code(INPUT, "warning", classes("no sigmoid in the model"), "T2"),
    "softmax-axis": Code(
        SHAPE, "error", classes("for predictions a softmax along the classes"), "T22"
    ),
    "logits-as-probabilities": Code(
        DEFAULT,
        "error",
        classes("the loss that takes logits")._replace(
            sklearn=SKLEARN + "  # no decision_function"
        ),
        "T30, T32",
        {"binary": binary("the loss that takes logits")},
    ),
    "log-as-probabilities": Code(
        INPUT,
        "error",
        Mend(
            "outputs = np.exp(outputs)  # the loss takes probabilities",
            torch="outputs = outputs.exp()  # the loss takes probabilities",
            keras="outputs = keras.ops.exp(outputs)  # the loss takes probabilities",
            jax="outputs = jnp.exp(outputs)  # the loss takes probabilities",
            sklearn=SKLEARN + "  # not predict_log_proba",
        ),
    ),
    "probabilities-as-log": Code(INPUT, "error", LOGARITHMS, "T5, T6"),
    "logits-as-log": Code(INPUT, "error", LOGARITHMS, "T5, T6"),
    "log-into-softmax": Code(INPUT, "note", classes("the number stays the same")),
    "rows-not-normalised": Code(
        DEFAULT,
        "error",
        Mend(
            "outputs = outputs / outputs.sum(axis=-1, keepdims=True)",
            torch="outputs = outputs / outputs.sum(dim=1, keepdim=True)",
            sklearn=SKLEARN,
        ),
    ),
    "hard-predictions": Code(
        INPUT,
        "error",
        same_loss("{takes}", "no argmax, no rounding")._replace(
            sklearn=SKLEARN + "  # not predict"
        ),
        "T7",
    ),
    "single-class": Code(
        SHAPE,
        "error",
        Mend(
            "xentlib.binary_cross_entropy_with_logits(logits.ravel(), targets.ravel() * 1.0)",
            torch="F.binary_cross_entropy_with_logits(logits.flatten(), targets.flatten().float())",
            keras="BinaryCrossentropy(from_logits=True)(targets.reshape(-1), logits.reshape(-1))",
            jax="optax.sigmoid_binary_cross_entropy(logits.ravel(), targets.ravel()).mean()",
        ),
        "T21",
    ),
    "binary-on-softmax": Code(
        AVERAGE,
        "warning",
        classes("exclusive classes"),
        "T29",
        {
            "probabilities": classes("exclusive classes")._replace(
                hand="xentlib.cross_entropy(targets, outputs).mean()  # exclusive classes",
                keras="CategoricalCrossentropy()(targets, outputs)  # exclusive classes",
            )
        },
    ),
    "exclusive-classes": Code(AVERAGE, "note", classes("exclusive classes"), "T29"),
    "not-finite": Code(
        STABILITY,
        "error",
        Mend(
            "np.argwhere(~np.isfinite(outputs))  # where to look",
            torch="torch.argwhere(~outputs.isfinite())  # where to look",
            keras="keras.ops.where(~keras.ops.isfinite(outputs))  # where to look",
            jax="jnp.argwhere(~jnp.isfinite(outputs))  # where to look",
        ),
    ),
    "masked-target": Code(
        MASKS,
        "error",
        Mend(
            'logits[..., masked] = float("-inf")  # masked: classes that no target names',
            torch='logits[:, masked] = float("-inf")  # masked: classes that no target names',
            jax="logits = logits.at[..., masked].set(-jnp.inf)  # classes that no target names",
        ),
    ),
    "masked-smoothing": Code(
        MASKS, "error", Mend("label_smoothing = 0.0  # or mask with a finite number, such as -1e4")
    ),
    "masked-one-hot": Code(
        MASKS,
        "warning",
        Mend(
            "xentlib.softmax_cross_entropy(logits, targets.argmax(axis=-1))  # safe with -inf",
            torch="F.cross_entropy(logits, targets.argmax(dim=1))  # indices are safe with -inf",
            keras="SparseCategoricalCrossentropy(from_logits=True)(targets.argmax(-1), logits)",
            jax="optax.safe_softmax_cross_entropy(logits, targets).mean()",
        ),
    ),
    "half-overflow": Code(STABILITY, "error", SINGLE),
    "half-mean": Code(STABILITY + "#long-sums-in-half-precision", "warning", SINGLE),
    "saturated": Code(
        STABILITY + "#why-an-epsilon-is-not-a-mend",
        "error",
        classes("no softmax in the model"),
        "T3, T4, T32, T33",
        {"binary": binary("no sigmoid in the model")},
    ),
}
