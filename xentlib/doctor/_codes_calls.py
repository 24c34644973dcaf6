"""The codes of what can be wrong with the call, with the training, and with the number seen."""

from xentlib.doctor._code import (
    AVERAGE,
    DEFAULT,
    FOCAL,
    INPUT,
    SHAPE,
    SKLEARN,
    SMOOTHING,
    STABILITY,
    TARGET,
    WEIGHTS,
    Code,
    Mend,
    binary,
    classes,
)

FRAMEWORKS = "chapters/07_frameworks.html"
ENTROPY = "chapters/01_entropy.html"
OVERFIT = Code(
    "chapters/11_spam_filter.html",
    "warning",
    Mend("# overfit ten rows first: their loss must go to 0"),
)
COUNTED = "counts.sum() / (len(counts) * counts.clip(1))  # counts: of each class, in training"
BALANCED = Mend("weight = " + COUNTED)

CALLS = {
    # arguments
    "smoothing-range": Code(SMOOTHING, "error", Mend("label_smoothing = 0.1"), "T35"),
    "smoothing-large": Code(SMOOTHING, "warning", Mend("label_smoothing = 0.1")),
    "smoothing-twice": Code(
        SMOOTHING, "warning", Mend("label_smoothing = 0.0  # the targets are smoothed already")
    ),
    "weight-shape": Code(WEIGHTS, "error", BALANCED),
    "weight-value": Code(WEIGHTS, "error", BALANCED),
    "weight-inverted": Code(WEIGHTS, "warning", BALANCED),
    "pos-weight-inverted": Code(
        WEIGHTS, "warning", Mend("pos_weight = negatives / positives  # their numbers in training")
    ),
    "focal-gamma": Code(
        FOCAL, "error", Mend("gamma = 2.0  # from 0 to 1 only in a closed form, such as xentlib's")
    ),
    "focal-alpha": Code(
        FOCAL,
        "error",
        Mend("alpha = " + COUNTED),
        cases={"binary": Mend("alpha = 0.25  # of the positives, from 0 to 1")},
    ),
    "kl-mean": Code(
        AVERAGE,
        "warning",
        Mend(
            "xentlib.kl_divergence(targets, np.exp(outputs)).mean()",
            torch='F.kl_div(outputs, targets, reduction="batchmean")',
            keras="keras.losses.KLDivergence()(targets, keras.ops.exp(outputs))",
            jax="optax.kl_divergence(outputs, targets).mean()",
        ),
        "T28",
    ),
    "kl-log-target": Code(
        INPUT,
        "error",
        Mend("log_target = True", sklearn=SKLEARN),
        "T6",
        {"log_target": Mend("log_target = False")},
    ),
    # what the numbers say together
    "at-chance": OVERFIT,
    "constant-predictor": OVERFIT,
    "class-order": Code(
        TARGET,
        "warning",
        Mend(
            "outputs = outputs[:, order]  # order[k]: the column of class k",
            sklearn="outputs = outputs[:, np.argsort(names)]  # names[k]: of column k",
        ),
        "T16",
        {
            "columns": Mend("targets[:, {column}] = 1 - targets[:, {column}]"),
            "binary": Mend("targets = 1 - targets"),
        },
    ),
    "rows-mixed": Code(SHAPE, "warning", Mend("print(outputs[:5].argmax(-1), targets[:5])")),
    "shift-missing": Code(
        FRAMEWORKS,
        "warning",
        Mend(
            "loss(outputs[:, :-1], targets[:, 1:])",
            torch="loss(outputs[..., :-1], targets[..., 1:])  # the classes second",
            keras="loss(targets[:, 1:], outputs[:, :-1])",
        ),
    ),
    "shift-twice": Code(
        FRAMEWORKS, "warning", Mend("# shift once: in the data, or where the loss is called")
    ),
    # what reproduces the number that was seen
    "weighted-mean": Code(
        AVERAGE,
        "warning",
        Mend(
            "losses.sum() / weight[targets].sum()  # losses: weighted, one for each row",
            keras="losses.mean()  # losses: weighted, one for each row",
        ),
        "T25, T34",
        {"rows": Mend("losses.mean()  # losses: weighted, one for each row")},
    ),
    "weight-dropped": Code(
        WEIGHTS,
        "warning",
        Mend(
            "loss(outputs, targets, weight=weight)",
            keras="loss(targets, outputs, sample_weight=weight[targets])",
            sklearn="log_loss(targets, outputs, sample_weight=weight[targets])",
        ),
    ),
    "ignored-in-mean": Code(
        AVERAGE, "warning", Mend("losses.sum() / (targets != {ignore_index}).sum()"), "T26"
    ),
    "ignore-dropped": Code(
        AVERAGE,
        "warning",
        Mend(
            "loss(outputs, targets, ignore_index={ignore_index})",
            keras="loss(targets, outputs, ignore_class={ignore_index})",
        ),
        "T26",
    ),
    "mean-of-means": Code(AVERAGE, "warning", Mend("sum(batch_sums) / sum(batch_counts)"), "T27"),
    "sum-not-mean": Code(AVERAGE, "warning", Mend('reduction = "mean"')),
    "class-mean": Code(AVERAGE, "warning", Mend("losses.sum(-1).mean()  # classes, then rows")),
    "bits": Code(ENTROPY, "warning", Mend("observed = observed * math.log(2)  # nats")),
    "perplexity-for-loss": Code(ENTROPY, "warning", Mend("observed = math.log(observed)")),
    "perplexity-base": Code(ENTROPY, "warning", Mend("math.exp(nll)  # nll: a mean, in nats")),
    "perplexity-mean": Code(
        ENTROPY, "warning", Mend("math.exp(losses.mean())  # not the mean of exponentials")
    ),
    "focal-weighted-pt": Code(
        FOCAL,
        "warning",
        Mend(
            "p_t = np.exp(-losses)  # losses: without the weights",
            torch="p_t = torch.exp(-losses)  # losses: without the weights",
            keras="p_t = keras.ops.exp(-losses)  # losses: without the weights",
            jax="p_t = jnp.exp(-losses)  # losses: without the weights",
        ),
    ),
    "smoothing-variant": Code(
        SMOOTHING, "warning", Mend("targets = (1 - e) * one_hot + e / one_hot.shape[-1]"), "T17"
    ),
    "smoothing-dropped": Code(
        SMOOTHING,
        "warning",
        Mend(
            "loss(outputs, targets, label_smoothing=label_smoothing)",
            keras="loss(targets, outputs, label_smoothing=label_smoothing)",
        ),
    ),
    "clipped": Code(
        DEFAULT,
        "warning",
        classes("no clip, no epsilon")._replace(sklearn="# no clip: the same loss from logits"),
        "T3, T32, T33",
        {"binary": binary("no clip, no epsilon")},
    ),
    "naive-softmax": Code(
        STABILITY,
        "warning",
        Mend(
            "xentlib.log_softmax(logits)  # not log(softmax(logits))",
            torch="F.log_softmax(logits, dim=1)  # not log(softmax(logits))",
            keras="keras.ops.log_softmax(logits)  # not log(softmax(logits))",
            jax="jax.nn.log_softmax(logits)  # not log(softmax(logits))",
        ),
        "T4",
    ),
    "negative-loss": Code(INPUT, "warning", Mend("assert targets.min() >= 0"), "T5, T6, T12"),
    "unexplained": Code(
        FRAMEWORKS,
        "note",
        Mend("# examine the same batch again, and tell all that the call was told"),
    ),
}
