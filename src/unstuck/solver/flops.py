"""How many floating-point operations a piece of work takes: estimates by counting multiplications.

A dense layer multiplies and adds each weight once a row; a backward pass costs two forward passes
(Griewank and Walther, Evaluating Derivatives, section 3.3: at most four or five, two for products).
"""

from __future__ import annotations


def forward(weights: int, rows: int) -> float:
    """Return the operations of one pass over rows."""
    return 2.0 * weights * rows


def gradient(weights: int, rows: int) -> float:
    """Return those of one pass and its gradient: what a step of gradient descent costs."""
    return 3.0 * forward(weights, rows)


def jacobian(weights: int, rows: int, outputs: int) -> float:
    """Return those of the derivatives of each output in each row."""
    return forward(weights, rows) * (1 + 2 * outputs)


def normal_equations(weights: int, residuals: int) -> float:
    """Return those of the smaller of the two Gram matrices of a Jacobian (residuals, weights)."""
    small, large = sorted((weights, residuals))
    return 2.0 * small * small * large


def cholesky(size: int) -> float:
    """Return those of factoring a symmetric matrix (Golub and Van Loan, section 4.2)."""
    return size**3 / 3.0
