"""Every code that the doctor knows: where the book explains it, and the line that mends it."""

from typing import NamedTuple

BOOK = "https://OWNER.github.io/cross-entropy-course/"
SEVERITIES = ("error", "warning", "note")

TWICE = "chapters/07_frameworks.html#frameworks-twice"
INPUT = "chapters/07_frameworks.html#frameworks-input"
TARGET = "chapters/07_frameworks.html#frameworks-target"
SHAPE = "chapters/07_frameworks.html#frameworks-shape"
AVERAGE = "chapters/07_frameworks.html#frameworks-average"
DEFAULT = "chapters/07_frameworks.html#frameworks-default"
SMOOTHING = "chapters/08_label_smoothing.html"
WEIGHTS = "chapters/09_class_weights.html"
FOCAL = "chapters/10_focal_loss.html#three-faults-of-the-usual-snippet"
STABILITY = "chapters/06_stability.html"
BINARY = "chapters/04_binary.html"


class Code(NamedTuple):
    """Where a finding is explained, and how it is mended."""

    section: str
    mend: str  # in general, or by hand
    torch: str = ""
    keras: str = ""
    jax: str = ""
    sklearn: str = ""


CODES = {
    # what the outputs are
    "double-softmax": Code(
        TWICE,
        "loss(logits, targets)  # no softmax before it",
        torch="F.cross_entropy(logits, targets)  # no softmax in the model",
        keras="SparseCategoricalCrossentropy(from_logits=False)  # or no softmax layer",
        jax="optax.softmax_cross_entropy_with_integer_labels(logits, labels)",
    ),
    "sigmoid-twice": Code(
        INPUT,
        "binary_cross_entropy_with_logits(logits, targets)  # no sigmoid before it",
        torch="F.binary_cross_entropy_with_logits(logits, targets)  # no sigmoid in the model",
        keras="BinaryCrossentropy(from_logits=False)  # or no sigmoid layer",
        jax="optax.sigmoid_binary_cross_entropy(logits, labels)",
    ),
    "sigmoid-into-softmax": Code(INPUT, "loss(logits, targets)  # no sigmoid before it"),
    "softmax-axis": Code(
        SHAPE,
        "softmax(logits, axis=class_axis)",
        torch="F.cross_entropy(logits, targets)  # and for predictions softmax(dim=1)",
    ),
    "logits-as-probabilities": Code(
        DEFAULT,
        "softmax_cross_entropy(logits, targets)  # or binary_cross_entropy_with_logits",
        torch="F.binary_cross_entropy_with_logits(logits, targets)  # classes: F.cross_entropy",
        keras="type(loss)(from_logits=True)  # the same loss, told that it gets logits",
        jax="optax.softmax_cross_entropy_with_integer_labels(logits, labels)",
        sklearn="log_loss(y, model.predict_proba(X))  # not decision_function",
    ),
    "log-as-probabilities": Code(
        INPUT,
        "cross_entropy(p, np.exp(log_q))  # or the loss that takes logits",
        sklearn="log_loss(y, model.predict_proba(X))  # not predict_log_proba",
    ),
    "probabilities-as-log": Code(
        INPUT,
        "nll(log_softmax(logits), targets)",
        torch="F.nll_loss(F.log_softmax(logits, dim=1), targets)  # or F.cross_entropy(logits, ..)",
        jax="optax.kl_divergence(jax.nn.log_softmax(logits), targets)",
    ),
    "logits-as-log": Code(
        INPUT,
        "nll(log_softmax(logits), targets)",
        torch="F.cross_entropy(logits, targets)  # or F.nll_loss(F.log_softmax(logits, dim=1), ..)",
        jax="optax.softmax_cross_entropy_with_integer_labels(logits, labels)",
    ),
    "log-into-softmax": Code(INPUT, "softmax_cross_entropy(logits, targets)  # same number"),
    "rows-not-normalised": Code(
        DEFAULT, "q = q / q.sum(axis=-1, keepdims=True)  # or the loss that takes logits"
    ),
    "hard-predictions": Code(
        INPUT,
        "loss(probabilities, targets)  # not the predicted classes",
        sklearn="log_loss(y, model.predict_proba(X))  # not model.predict(X)",
        torch="F.cross_entropy(logits, targets)  # no argmax, no rounding",
    ),
    "single-class": Code(
        SHAPE,
        "binary_cross_entropy_with_logits(logits[:, 0], targets)",
        torch="F.binary_cross_entropy_with_logits(logits.squeeze(1), targets.float())",
        keras="BinaryCrossentropy(from_logits=True)",
        jax="optax.sigmoid_binary_cross_entropy(logits[:, 0], labels)",
    ),
    "binary-on-softmax": Code(
        AVERAGE,
        "softmax_cross_entropy(logits, labels)  # exclusive classes",
        torch="F.cross_entropy(logits, labels)",
        keras="CategoricalCrossentropy(from_logits=True)",
    ),
    "exclusive-classes": Code(AVERAGE, "softmax_cross_entropy(logits, labels)"),
    "not-finite": Code(
        STABILITY,
        "np.flatnonzero(~np.isfinite(outputs).all(axis=-1))  # the rows to look at",
        torch="torch.autograd.set_detect_anomaly(True)  # names the operation",
        jax='jax.config.update("jax_debug_nans", True)',
    ),
    "masked-target": Code(
        STABILITY + "#masks-zero-times-infinity",
        "logits[..., masked] = -inf  # only for classes that no target names",
    ),
    "masked-smoothing": Code(
        STABILITY + "#masks-zero-times-infinity",
        "label_smoothing=0.0  # or mask with a large finite number, such as -1e4",
    ),
    "masked-one-hot": Code(
        STABILITY + "#masks-zero-times-infinity",
        "labels = one_hot.argmax(axis=-1)  # indices are safe with -inf",
        torch="F.cross_entropy(logits, one_hot.argmax(dim=1))",
        jax="optax.safe_softmax_cross_entropy(logits, one_hot)",
    ),
    "half-overflow": Code(
        STABILITY,
        "loss(logits.astype(np.float32), targets)",
        torch="F.cross_entropy(logits.float(), targets)",
        jax="loss(logits.astype(jnp.float32), labels)",
    ),
    "half-mean": Code(
        STABILITY + "#long-sums-in-half-precision",
        "loss(logits.astype(np.float32), targets)",
        torch="F.cross_entropy(logits.float(), targets)",
        jax="loss(logits.astype(jnp.float32), labels)",
    ),
    "saturated": Code(
        STABILITY + "#why-an-epsilon-is-not-a-mend",
        "binary_cross_entropy_with_logits(logits, targets)  # classes: softmax_cross_entropy",
        torch="F.binary_cross_entropy_with_logits(logits, targets)  # no sigmoid before it",
        keras="from_logits=True  # and no softmax or sigmoid layer",
        sklearn="log_loss(y, calibrated.predict_proba(X))  # a probability of 0 is a promise",
    ),
    # shapes
    "class-axis": Code(
        SHAPE,
        "loss(np.moveaxis(outputs, -1, 1), targets)  # or axis=...",
        torch="F.cross_entropy(outputs.movedim(-1, 1), targets)",
        keras="loss(targets, keras.ops.moveaxis(outputs, 1, -1))",
    ),
    "broadcast": Code(
        SHAPE,
        "loss(outputs.squeeze(-1), targets)  # one shape for both",
        torch="loss(outputs.squeeze(1), targets)",
        jax="loss(outputs.squeeze(-1), labels)",
    ),
    "label-column": Code(
        SHAPE, "targets = targets.squeeze(-1)", torch="targets = targets.squeeze(1)"
    ),
    "shape": Code(SHAPE, "print(outputs.shape, targets.shape)"),
    "swapped": Code(
        SHAPE,
        "loss(outputs, targets)",
        torch="F.cross_entropy(input=logits, target=targets)",
        keras="loss(y_true=targets, y_pred=outputs)",
        jax="optax.softmax_cross_entropy(logits=logits, labels=labels)",
        sklearn="log_loss(y_true=y, y_pred=probabilities)",
    ),
    # targets
    "integer-one-hot": Code(
        TARGET,
        "targets = one_hot.astype(float)  # or one_hot.argmax(axis=-1)",
        torch="F.cross_entropy(logits, one_hot.float())  # or one_hot.argmax(dim=1)",
    ),
    "multi-hot": Code(
        TARGET,
        "binary_cross_entropy_with_logits(logits, targets)  # several labels at once",
        torch="F.binary_cross_entropy_with_logits(logits, targets)",
        keras="BinaryCrossentropy(from_logits=True)",
        jax="optax.sigmoid_binary_cross_entropy(logits, labels)",
    ),
    "label-type": Code(
        TARGET,
        "targets = targets.astype(int)  # binary targets: .astype(float)",
        torch="targets = targets.long()  # binary targets: .float()",
        jax="labels = labels.astype(int)  # binary targets: .astype(float)",
    ),
    "label-range": Code(
        TARGET,
        "assert 0 <= targets.min() and targets.max() < num_classes",
        torch="F.cross_entropy(logits, targets, ignore_index=-1)  # if that is your padding",
        keras="SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1)",
        jax="loss = jnp.where(valid, loss, 0).sum() / valid.sum()  # mask the rows",
    ),
    "labels-from-one": Code(TARGET, "targets = targets - 1"),
    "target-negative": Code(TARGET, "targets = targets.clip(0)  # and find out why"),
    "target-sum": Code(TARGET, "targets = targets / targets.sum(axis=-1, keepdims=True)"),
    "binary-range": Code(TARGET, "targets = (targets > 0).astype(float)  # from {-1, 1} to {0, 1}"),
    "all-ignored": Code(AVERAGE, "total = losses.sum() / max(kept, 1)"),
    "mostly-ignored": Code(AVERAGE, "print((targets != ignore_index).mean())"),
    "ignored-class": Code(
        TARGET, "logits[..., k] = -inf  # takes class k out; ignore_index only skips rows"
    ),
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
        "outputs = outputs[:, order]  # one order of classes for outputs and targets",
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
    "unexplained": Code("chapters/07_frameworks.html", "examine(outputs, targets, observed=...)"),
    # no arrays at all
    "empty": Code(SHAPE, "print(outputs.shape, targets.shape)"),
    "ragged": Code(SHAPE, "np.array([row + [ignore_index] * (T - len(row)) for row in targets])"),
    "not-numbers": Code(TARGET, "np.asarray(x, dtype=float)"),
}


def mend(code: str, framework: str | None) -> str:
    """Return the line that mends a finding, in the words of the framework if there is one."""
    known = CODES[code]
    name = "keras" if framework == "tensorflow" else framework
    own = getattr(known, name) if name in ("torch", "keras", "jax", "sklearn") else ""
    return own or known.mend
