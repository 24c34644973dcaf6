"""The codes of what can be wrong with the call, with the training, and with the number seen."""

from xentlib.doctor._code import (
    AVERAGE,
    DEFAULT,
    FOCAL,
    INPUT,
    SHAPE,
    SMOOTHING,
    STABILITY,
    TARGET,
    WEIGHTS,
    Code,
)

CALLS = {
    # arguments
    "smoothing-range": Code(SMOOTHING, "label_smoothing=0.1"),
    "smoothing-large": Code(SMOOTHING, "label_smoothing=0.1"),
    "smoothing-twice": Code(SMOOTHING, "label_smoothing=0.0  # the targets are smoothed already"),
    "weight-shape": Code(WEIGHTS, "weight = class_weights(targets, num_classes=C)"),
    "weight-value": Code(WEIGHTS, "weight = class_weights(targets, num_classes=C)"),
    "weight-inverted": Code(WEIGHTS, "weight = class_weights(targets, num_classes=C)"),
    "pos-weight-inverted": Code(WEIGHTS, "pos_weight = negatives / positives"),
    "focal-gamma": Code(
        FOCAL, "focal_loss(logits, targets, gamma=2.0)  # xentlib's takes any gamma >= 0"
    ),
    "focal-alpha": Code(
        FOCAL,
        "focal_loss(logits, targets, alpha=class_weights(targets, num_classes=C))",
        keras="BinaryFocalCrossentropy(apply_class_balancing=True, alpha=0.25)",
    ),
    "kl-mean": Code(
        AVERAGE,
        "(p * (np.log(p) - log_q)).sum(axis=-1).mean()",
        torch='F.kl_div(log_q, p, reduction="batchmean")',
    ),
    "kl-log-target": Code(
        INPUT,
        "kl(log_q, np.exp(log_p))",
        torch='F.kl_div(log_q, log_p, reduction="batchmean", log_target=True)',
    ),
    # what the numbers say together
    "at-chance": Code(
        "chapters/11_spam_filter.html", "overfit ten rows first: the loss must go to 0"
    ),
    "constant-predictor": Code(
        "chapters/11_spam_filter.html", "overfit ten rows first: the loss must go to 0"
    ),
    "class-order": Code(
        TARGET,
        "outputs = outputs[:, order]  # as the targets; yes and no: 1 - targets",
        sklearn="probabilities[:, np.argsort(names)]  # the order of model.classes_",
    ),
    "rows-mixed": Code(SHAPE, "print(outputs[:5].argmax(axis=-1), targets[:5])"),
    "shift-missing": Code(
        "chapters/07_frameworks.html",
        "loss(logits[:, :-1], ids[:, 1:])",
        torch="F.cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten())",
    ),
    "shift-twice": Code("chapters/07_frameworks.html", "loss(logits, labels)  # shift once"),
    # what reproduces the number that was seen
    "weighted-mean": Code(AVERAGE, "losses.sum() / weight[targets].sum()"),
    "weight-dropped": Code(WEIGHTS, "loss(logits, targets, weight=weight)"),
    "ignored-in-mean": Code(AVERAGE, "losses.sum() / (targets != ignore_index).sum()"),
    "ignore-dropped": Code(AVERAGE, "loss(logits, targets, ignore_index=padding)"),
    "mean-of-means": Code(AVERAGE, "sum(batch_sums) / sum(batch_counts)"),
    "sum-not-mean": Code(AVERAGE, 'reduction="mean"'),
    "class-mean": Code(AVERAGE, "losses.sum(axis=-1).mean()  # sum over classes, mean over rows"),
    "bits": Code("chapters/01_entropy.html", "nats = bits * np.log(2)"),
    "perplexity-for-loss": Code("chapters/01_entropy.html", "loss = np.log(perplexity)"),
    "perplexity-base": Code("chapters/01_entropy.html", "perplexity = np.exp(loss_in_nats)"),
    "perplexity-mean": Code(
        "chapters/01_entropy.html", "np.exp(nll.mean())  # not exp(nll).mean()"
    ),
    "focal-weighted-pt": Code(FOCAL, "p_t = np.exp(-unweighted_loss)"),
    "smoothing-variant": Code(SMOOTHING, "targets = (1 - e) * one_hot + e / C"),
    "smoothing-dropped": Code(SMOOTHING, "loss(logits, targets, label_smoothing=e)"),
    "clipped": Code(DEFAULT, "the same loss from logits  # no clip, no epsilon"),
    "naive-softmax": Code(STABILITY, "log_softmax(logits)  # not log(softmax(logits))"),
    "negative-loss": Code(INPUT, "assert loss >= 0"),
    "unexplained": Code(
        "chapters/07_frameworks.html",
        "examine(outputs, targets, observed=loss(outputs, targets))  # of one and the same batch",
    ),
}
