"""Storm damage claims in thousands: which houses are expensive? Judged by the relative error of the middle house."""
import numpy as np
from sklearn.neural_network import MLPRegressor
from sklearn.preprocessing import StandardScaler

rng = np.random.default_rng(77)


def portfolio(n):
    gust = rng.normal(0, 1, n)
    roof_age = rng.normal(0, 1, n)
    storeys = rng.normal(0, 1, n)
    distance_to_coast = rng.normal(0, 1, n)
    log_claim = 1.9 * gust + 1.3 * np.sin(2 * roof_age) - 1.2 * distance_to_coast * (storeys > 0) + 0.1 * rng.normal(0, 1, n)
    return np.c_[gust, roof_age, storeys, distance_to_coast], np.exp(log_claim)


houses, claims = portfolio(1200)
new_houses, new_claims = portfolio(600)
print("mean claim", claims.mean(), "median", np.median(claims), "largest", claims.max())

target = StandardScaler().fit(claims[:, None])
net = MLPRegressor(hidden_layer_sizes=(64, 64), learning_rate_init=0.003, alpha=1e-4, batch_size=60, max_iter=40, random_state=4)
net.fit(houses, target.transform(claims[:, None])[:, 0])
estimate = target.inverse_transform(net.predict(new_houses)[:, None])[:, 0]
print("training loss", net.loss_)
print("median relative error", np.median(np.abs(estimate - new_claims) / new_claims))
