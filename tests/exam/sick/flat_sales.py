"""Sale prices of flats (euros). The pipeline scales, so the net gets nice numbers."""
import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

warnings.filterwarnings("ignore", category=ConvergenceWarning)


def sold_flats(n=600, seed=2):
    r = np.random.default_rng(seed)
    area = r.uniform(28, 130, n)
    floor = r.integers(0, 8, n)
    lift = r.integers(0, 2, n)
    metro = r.exponential(0.7, n)
    year = r.integers(1900, 2022, n)
    price = 3900 * area - 9000 * floor * (1 - lift) + 4000 * floor * lift
    price = price - 50000 * np.sqrt(metro) + 900 * np.abs(year - 1960) + r.normal(0, 9000, n)
    return np.c_[area, floor, lift, metro, year], price


if __name__ == "__main__":
    X, y = sold_flats()
    model = make_pipeline(
        StandardScaler(),
        MLPRegressor(hidden_layer_sizes=(64, 32), activation="relu", solver="adam", batch_size=50, max_iter=80),
    )
    pred = cross_val_predict(model, X, y, cv=KFold(3, shuffle=True, random_state=1))
    rmse = np.sqrt(np.mean((pred - y) ** 2))
    print(f"mean price {y.mean():.0f}, spread {y.std():.0f}, RMSE {rmse:.0f}")
    print("RMSE over spread:", rmse / y.std())
