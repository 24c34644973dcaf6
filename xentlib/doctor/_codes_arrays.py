"""The codes of what can be wrong with the arrays: outputs, shapes, targets."""

from xentlib.doctor._code import AVERAGE, DEFAULT, INPUT, SHAPE, STABILITY, TARGET, TWICE, Code

ARRAYS = {
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
    # no arrays at all
    "empty": Code(SHAPE, "print(outputs.shape, targets.shape)"),
    "ragged": Code(SHAPE, "np.array([row + [ignore_index] * (T - len(row)) for row in targets])"),
    "not-numbers": Code(TARGET, "np.asarray(x, dtype=float)"),
}
