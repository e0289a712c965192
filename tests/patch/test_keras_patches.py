"""Changes as one writes them in Keras, on scripts in several of its idioms."""

import pytest
from patching import changes, code, patch, where

from unstuck.core.edits import (
    AsClasses,
    DropActivation,
    DropEnding,
    InsertActivation,
    KeepDefaultInit,
    RenameCall,
    ReplaceActivation,
    Resize,
    ScaleInputs,
    ScaleTargets,
    SetArgument,
    SetBatch,
    SetDropout,
    SetSteps,
    TakeLogits,
    TakeShares,
    Unfreeze,
    UseLogits,
    WeighClasses,
)
from unstuck.patch import Unpatchable

SEQUENTIAL = code(
    """
    import numpy as np
    import keras
    from keras import layers
    from keras.callbacks import EarlyStopping

    X, y = load()
    model = keras.Sequential([
        keras.Input(shape=(3,)),
        layers.Dense(8, activation="relu", kernel_initializer="zeros"),
        layers.Dropout(0.9),
        layers.Dense(1, activation="sigmoid"),
    ])
    model.compile(optimizer="adam", loss="binary_crossentropy")
    model.fit(X, y, epochs=5, batch_size=32, validation_data=(X_val, y_val), callbacks=[EarlyStopping()])
    print(model.evaluate(X_test, y_test))
    print(model.predict(X_test))
    """
)

ADDED = code(
    """
    from keras.models import Sequential
    from keras.layers import Activation, Dense
    from keras.optimizers import SGD

    def main(x, y):
        EPOCHS = 10
        stop = EarlyStopping(patience=1)
        net = Sequential()
        net.add(Dense(4, input_dim=2))
        net.add(Activation("tanh"))
        net.add(Dense(1))
        net.add(Activation("relu"))
        opt = SGD(0.01, momentum=0.9)
        net.compile(opt, "mse")
        net.fit(x, y, 16, EPOCHS, callbacks=[stop, other])
    """
)


def at(text, marker):
    return where(text, marker)


def test_an_optimizer_by_name_is_built_with_another_rate():
    edit = SetArgument(at(SEQUENTIAL, "compile"), "Adam", "lr", 1, 0.01, 0.001)
    assert (
        '+model.compile(optimizer=keras.optimizers.Adam(learning_rate=0.01), loss="binary_crossentropy")'
        in changes(SEQUENTIAL, edit)
    )


def test_an_optimizer_that_is_built_gets_another_rate():
    edit = SetArgument(at(ADDED, "SGD(0.01"), "SGD", "lr", 1, 0.5, 0.01)
    assert "+    opt = SGD(0.5, momentum=0.9)" in changes(ADDED, edit)


def test_the_optimizer_that_compile_takes_by_itself_is_named():
    text = SEQUENTIAL.replace('optimizer="adam", ', "")
    edit = SetArgument(at(text, "compile"), "RMSprop", "lr", 1, 0.01, 0.001)
    assert "optimizer=keras.optimizers.RMSprop(learning_rate=0.01))" in changes(text, edit)


def test_a_class_that_the_file_lacks_is_imported():
    text = ADDED.replace("net.compile(opt,", "net.compile('adam',")
    found = changes(text, SetArgument(at(text, "compile"), "Adam", "lr", 1, 0.01, 0.001))
    assert "+from keras.optimizers import Adam" in found
    assert '+    net.compile(Adam(learning_rate=0.01), "mse")' in found


def test_an_optimizer_that_is_not_visible_is_not_guessed():
    text = ADDED.replace("opt = SGD(0.01, momentum=0.9)", "opt = mine()")
    with pytest.raises(Unpatchable, match="which optimizer is compiled"):
        patch(text, SetArgument(at(text, "compile"), "SGD", "lr", 1, 0.5, 0.01))


def test_more_epochs_are_trained():
    found = changes(SEQUENTIAL, SetSteps(at(SEQUENTIAL, ".fit("), 100))
    assert "epochs=500, batch_size=32" in found


def test_a_number_of_epochs_that_stands_elsewhere_is_changed_there():
    assert "+    EPOCHS = 100" in changes(ADDED, SetSteps(at(ADDED, ".fit("), 10))


def test_a_fit_that_says_no_epochs_is_told_some():
    text = SEQUENTIAL.replace("epochs=5, ", "")
    assert "callbacks=[EarlyStopping()], epochs=10)" in changes(
        text, SetSteps(at(text, ".fit("), 8)
    )


def test_a_loop_around_fit_turns_more_often():
    text = ADDED.replace(
        "    net.fit(x, y, 16, EPOCHS, callbacks=[stop, other])",
        "    for _ in range(20):\n        net.fit(x, y, epochs=1)",
    )
    assert "+    for _ in range(200):" in changes(text, SetSteps(at(text, ".fit("), 10))


def test_batches_get_another_size():
    edit = SetBatch(at(SEQUENTIAL, ".fit("), 8, 32, 100)
    assert "epochs=5, batch_size=8," in changes(SEQUENTIAL, edit)


def test_layers_get_an_activation():
    edit = InsertActivation((at(ADDED, "Dense(4"),), (None,), ("dense",), "relu")
    assert '+    net.add(Dense(4, input_dim=2, activation="relu"))' in changes(ADDED, edit)


def test_inputs_are_standardised_by_a_layer_behind_the_input():
    edit = ScaleInputs(at(SEQUENTIAL, ".fit("), (1.0,) * 3, (2.0,) * 3)
    found = changes(SEQUENTIAL, edit)
    assert "+norm = layers.Normalization()\n+norm.adapt(X)" in found
    text = patch(SEQUENTIAL, edit).files["train.py"]
    assert "    keras.Input(shape=(3,)),\n    norm,\n    layers.Dense(8" in text


def test_inputs_are_standardised_in_front_of_layers_that_are_added():
    text = ADDED.replace("def main(x, y):", "def main():\n    x, y = load()")
    found = changes(text, ScaleInputs(at(text, ".fit("), (1.0,) * 2, (2.0,) * 2))
    assert "+    norm = Normalization()\n+    norm.adapt(x)" in found
    assert "+    net.add(norm)" in found


def test_inputs_of_a_model_of_another_make_are_standardised_in_their_arrays():
    text = SEQUENTIAL.replace("keras.Sequential([", "Mine([")
    found = changes(text, ScaleInputs(at(text, ".fit("), (1.0,) * 3, (2.0,) * 3))
    assert "+X_mean, X_std = X.mean(axis=0), X.std(axis=0) + 1e-8" in found
    assert "+model.fit((X - X_mean) / X_std, y, epochs=5" in found
    assert "validation_data=((X_val - X_mean) / X_std, y_val)" in found
    assert "+print(model.evaluate((X_test - X_mean) / X_std, y_test))" in found
    assert "+print(model.predict((X_test - X_mean) / X_std))" in found


def test_rows_without_a_name_are_not_standardised():
    text = SEQUENTIAL.replace("model.fit(X,", "model.fit(make(1),")
    with pytest.raises(Unpatchable, match="no array that has a name"):
        patch(text, ScaleInputs(at(text, ".fit("), (1.0,), (2.0,)))


def test_targets_are_standardised_and_predictions_turned_back():
    fit = at(SEQUENTIAL, ".fit(")
    found = changes(SEQUENTIAL, ScaleTargets(at(SEQUENTIAL, "compile"), fit, (1.0,), (2.0,)))
    assert "+y_mean, y_std = y.mean(), y.std()" in found
    assert "+model.fit(X, (y - y_mean) / y_std, epochs=5" in found
    assert "validation_data=(X_val, (y_val - y_mean) / y_std)" in found
    assert "+print(model.evaluate(X_test, (y_test - y_mean) / y_std))" in found
    assert "+print((model.predict(X_test) * y_std + y_mean))" in found


def test_an_activation_is_replaced_and_dropped():
    place = at(SEQUENTIAL, "Dense(1")
    found = changes(SEQUENTIAL, ReplaceActivation((place,), "sigmoid", "tanh"))
    assert '+    layers.Dense(1, activation="tanh"),' in found
    assert "+    layers.Dense(1)," in changes(SEQUENTIAL, DropActivation(place, "sigmoid"))


def test_an_activation_that_is_a_layer_is_dropped_with_its_line():
    found = changes(ADDED, DropActivation(at(ADDED, '"relu"'), "relu"))
    assert found == '-    net.add(Activation("relu"))'


def test_a_loss_is_told_that_it_gets_raw_scores():
    found = changes(SEQUENTIAL, TakeLogits((at(SEQUENTIAL, "compile"),)))
    assert "loss=keras.losses.BinaryCrossentropy(from_logits=True))" in found


def test_a_loss_is_told_that_it_gets_probabilities():
    text = SEQUENTIAL.replace(
        '"binary_crossentropy"', "keras.losses.BinaryCrossentropy(from_logits=True)"
    )
    found = changes(text, TakeShares((at(text, "compile"),)))
    assert "loss=keras.losses.BinaryCrossentropy(from_logits=False))" in found


def test_logits_take_the_sigmoid_out_and_tell_the_loss():
    edit = UseLogits(at(SEQUENTIAL, "Dense(1"), at(SEQUENTIAL, "compile"), None)
    found = changes(SEQUENTIAL, edit)
    assert "+    layers.Dense(1)," in found
    assert "BinaryCrossentropy(from_logits=True)" in found


def test_a_distance_between_class_numbers_becomes_a_loss_over_classes():
    names = (("mse_loss", "cross_entropy"),)
    line = at(ADDED, "compile")
    found = changes(ADDED, RenameCall((line,), names), AsClasses(line))
    assert "+    net.compile(opt, SparseCategoricalCrossentropy(from_logits=True))" in found


def test_layers_get_other_widths():
    built = at(ADDED, "Dense(4")
    assert "Dense(16, input_dim=2)" in changes(ADDED, Resize(built, "Linear", (2, 2), (4, 16)))


def test_less_is_dropped():
    edit = SetDropout((at(SEQUENTIAL, "Dropout"),), 0.9, 0.1)
    assert "+    layers.Dropout(0.1)," in changes(SEQUENTIAL, edit)


def test_weights_are_drawn_as_keras_does_by_itself():
    found = changes(SEQUENTIAL, KeepDefaultInit((at(SEQUENTIAL, "Dense(8"),)))
    assert '+    layers.Dense(8, activation="relu"),' in found


def test_classes_are_weighed_by_fit():
    edit = WeighClasses((at(SEQUENTIAL, "compile"),), (0.5, 4.0))
    assert "class_weight={0: 0.5, 1: 4.0})" in changes(SEQUENTIAL, edit)


def test_a_callback_that_ends_the_training_is_taken_out():
    assert "callbacks=[])" in changes(SEQUENTIAL, DropEnding((at(SEQUENTIAL, ".fit("),)))
    found = changes(ADDED, DropEnding((at(ADDED, "stop = "),)))
    assert "+    net.fit(x, y, 16, EPOCHS, callbacks=[other])" in found


def test_layers_that_were_frozen_learn():
    text = SEQUENTIAL.replace("model.compile", "model.layers[0].trainable = False\nmodel.compile")
    found = changes(text, Unfreeze((at(text, "trainable"),)))
    assert found == "-model.layers[0].trainable = False"
