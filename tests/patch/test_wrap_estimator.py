"""scikit-learn's scalers are put around an estimator where it is constructed."""

import pytest
from patching import changes, code, where

from unstuck.core.edits import SetArgument, WrapEstimator
from unstuck.patch import Unpatchable


def scaled(text, *, inputs=True, targets=False, kind="MLPRegressor"):
    return WrapEstimator(where(text, f"{kind}("), kind, inputs, targets)


def test_an_estimator_becomes_the_last_step_of_a_pipeline():
    text = code("""
        from sklearn.neural_network import MLPRegressor
        net = MLPRegressor(max_iter=500)
        net.fit(X, y)
    """)
    assert changes(text, scaled(text)) == (
        "-net = MLPRegressor(max_iter=500)\n"
        "+from sklearn.pipeline import make_pipeline\n"
        "+from sklearn.preprocessing import StandardScaler\n"
        "+net = make_pipeline(StandardScaler(), MLPRegressor(max_iter=500))"
    )


def test_targets_are_scaled_and_predictions_turned_back():
    text = code("""
        from sklearn.neural_network import MLPRegressor
        net = MLPRegressor().fit(X, y)
        plot(net.loss_curve_)
    """)
    assert changes(text, scaled(text, inputs=False, targets=True)) == (
        "-net = MLPRegressor().fit(X, y)\n"
        "-plot(net.loss_curve_)\n"
        "+from sklearn.compose import TransformedTargetRegressor\n"
        "+from sklearn.preprocessing import StandardScaler\n"
        "+net = TransformedTargetRegressor(MLPRegressor(), transformer=StandardScaler()).fit(X, y)\n"
        "+plot(net.regressor_.loss_curve_)"
    )


def test_what_only_the_inner_estimator_has_is_read_off_it():
    text = code("""
        from sklearn.neural_network import MLPRegressor
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler
        from sklearn.compose import TransformedTargetRegressor
        net = MLPRegressor()
        net.fit(X, y)
        print(net.n_iter_, net.loss_curve_[-1], net.score(X, y))
    """)
    both = [scaled(text), scaled(text, inputs=False, targets=True)]
    assert changes(text, *both).splitlines()[-1] == (
        "+print(net[-1].regressor_.n_iter_, net[-1].regressor_.loss_curve_[-1], net.score(X, y))"
    )


def test_what_is_there_already_is_not_imported_again():
    text = code("""
        from sklearn.neural_network import MLPRegressor
        from sklearn.pipeline import make_pipeline as chain
        from sklearn.preprocessing import StandardScaler
        net = MLPRegressor()
    """)
    assert changes(text, scaled(text)) == (
        "-net = MLPRegressor()\n+net = chain(StandardScaler(), MLPRegressor())"
    )


def test_a_step_of_a_pipeline_gets_a_scaler_in_front():
    text = code("""
        from sklearn.preprocessing import StandardScaler
        net = make_pipeline(PCA(), MLPRegressor())
    """)
    assert changes(text, scaled(text)) == (
        "-net = make_pipeline(PCA(), MLPRegressor())\n"
        "+net = make_pipeline(PCA(), StandardScaler(), MLPRegressor())"
    )


def test_a_named_step_gets_a_named_scaler_in_front():
    text = code("""
        from sklearn.preprocessing import StandardScaler
        net = Pipeline([("net", MLPRegressor())])
    """)
    assert changes(text, scaled(text)).splitlines()[-1] == (
        '+net = Pipeline([("scaler", StandardScaler()), ("net", MLPRegressor())])'
    )


def test_around_a_search_goes_the_pipeline_so_that_its_names_stay():
    text = code("""
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler
        net = MLPRegressor()
        search = GridSearchCV(net, {"alpha": [1, 2]})
        print(search.best_params_)
    """)
    assert changes(text, scaled(text)).splitlines() == [
        '-search = GridSearchCV(net, {"alpha": [1, 2]})',
        "-print(search.best_params_)",
        '+search = make_pipeline(StandardScaler(), GridSearchCV(net, {"alpha": [1, 2]}))',
        "+print(search[-1].best_params_)",
    ]


def test_a_loop_of_partial_fits_is_left_alone():
    text = code("""
        from sklearn.neural_network import MLPRegressor
        net = MLPRegressor()
        net.partial_fit(X, y)
    """)
    with pytest.raises(Unpatchable, match="calls partial_fit"):
        changes(text, scaled(text))


def test_a_line_without_the_estimator_is_refused():
    with pytest.raises(Unpatchable, match="no call of MLPClassifier"):
        changes("net = MLPRegressor()\n", WrapEstimator(where("a", "a"), "MLPClassifier", True))


def test_sizes_of_hidden_layers_are_written_as_a_tuple():
    text = "net = MLPClassifier(10, alpha=1)\n"
    edit = SetArgument(
        where(text, "MLP"), "MLPClassifier", "hidden_layer_sizes", 0, (40, 40), (10,)
    )
    assert changes(text, edit).splitlines()[-1] == "+net = MLPClassifier((40, 40), alpha=1)"


def test_sizes_that_stand_in_a_variable_are_changed_there():
    text = code("""
        sizes = (8, 8)
        net = MLPClassifier(hidden_layer_sizes=sizes)
    """)
    edit = SetArgument(
        where(text, "MLP"), "MLPClassifier", "hidden_layer_sizes", 0, (16, 16), (8, 8)
    )
    assert changes(text, edit) == "-sizes = (8, 8)\n+sizes = (16, 16)"
