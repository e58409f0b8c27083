"""Right loops, written in many ways, as readers may write them in the page."""

import re

from cnnlab import reference, source
from cnnlab.reference import plain


def printed(function):
    """Return the loops of a function as a chapter prints them, without its check of arguments."""
    code = source.loops(function).code
    code = re.sub(r"\n    .*shapes\.check_\w+\((?:[^()]|\n)*\)", "", code)
    return code.replace(" if single else dX", "").replace("return dX[0]", "return dX")


def body(head, *lines):
    """Write a function whose body is indented less than it is long."""
    return "\n".join([f"def {head}:", *(f"    {line}" for line in lines)])


SEARCH = "conv2d(X, w, b)"
SIZES = "(B, D, M, N), (P, D, m, n) = X.shape, w.shape"
MAPS = "Z = np.zeros((B, P, M - m + 1, N - n + 1))"
WEIGHTS = "conv2d_dw(dZ, X, w_shape)"
IMAGES = "conv2d_dX(dZ, w, X_shape)"
POOL = "max_pool2d_dX(dY, argmax, X_shape)"
STEP = "adam_step(w, dw, a, u, t, learning_rate, beta1, beta2, epsilon)"

VARIANTS = {
    "conv2d": [
        printed(plain.conv2d),
        body(SEARCH, SIZES, MAPS,
             "for u in range(m):",
             "    for v in range(n):",
             "        for s in range(B):",
             "            for k in range(P):",
             "                for c in range(D):",
             "                    for i in range(M - m + 1):",
             "                        for j in range(N - n + 1):",
             "                            Z[s, k, i, j] += w[k, c, u, v] * X[s, c, i + u, j + v]",
             "for k in range(P):",
             "    Z[:, k] += b[k]",
             "return Z"),
        body(SEARCH, SIZES, MAPS,
             "for s, k, i, j in np.ndindex(Z.shape):",
             "    Z[s, k, i, j] = np.sum(X[s, :, i:i + m, j:j + n] * w[k]) + b[k]",
             "return Z"),
        body(SEARCH, SIZES,
             "rows, columns = M - m + 1, N - n + 1",
             "return np.array([[[[b[k] + (image[:, i:i+m, j:j+n] * pattern).sum()",
             "    for j in range(columns)] for i in range(rows)]",
             "    for k, pattern in enumerate(w)] for image in X])"),
        body(SEARCH, SIZES, MAPS,
             "for k in range(P):",
             "    for u, row in enumerate(w[k, 0]):",
             "        for v, _ in enumerate(row):",
             "            for c in range(D):",
             "                part = X[:, c, u:u + M - m + 1, v:v + N - n + 1]",
             "                Z[:, k] += w[k, c, u, v] * part",
             "return Z + b[:, None, None]"),
        body(SEARCH, SIZES, "maps = []",
             "for s in range(B):",
             "    maps.append([])",
             "    for k in range(P):",
             "        total = np.full((M - m + 1, N - n + 1), b[k])",
             "        for c, u, v in np.ndindex(D, m, n):",
             "            part = X[s][c][u:M - m + 1 + u, v:N - n + 1 + v]",
             "            total = total + part * w[k][c][u][v]",
             "        maps[-1].append(total)",
             "return maps"),
    ],
    "conv2d_dw": [
        printed(plain.conv2d_dw),
        body(WEIGHTS, "dw = np.zeros(w_shape)",
             "for s, k, i, j in np.ndindex(dZ.shape):",
             "    for c, u, v in np.ndindex(*w_shape[1:]):",
             "        dw[k, c, u, v] += dZ[s, k, i, j] * X[s, c, i + u, j + v]",
             "return dw"),
        body(WEIGHTS, "dw = np.zeros(w_shape)", "rows, columns = dZ.shape[2:]",
             "for k, c, u, v in np.ndindex(w_shape):",
             "    window = X[:, c, u:u + rows, v:v + columns]",
             "    dw[k, c, u, v] = np.sum(dZ[:, k] * window)",
             "return dw"),
        body(WEIGHTS, "P, D, m, n = w_shape", "dw = np.zeros((P, D, m, n))",
             "for s in range(len(dZ)):",
             "    for k, map in enumerate(dZ[s]):",
             "        for i, row in enumerate(map):",
             "            for j, delta in enumerate(row):",
             "                dw[k] += delta * X[s, :, i:i + m, j:j + n]",
             "return dw"),
    ],
    "conv2d_db": [
        printed(reference.conv2d_db),
        "def conv2d_db(dZ):\n    return dZ.sum(axis=(0, 2, 3))",
        "def conv2d_db(dZ):\n    return [np.sum(dZ[:, k]) for k in range(dZ.shape[1])]",
        body("conv2d_db(dZ)", "db = np.zeros(dZ.shape[1])",
             "for image in dZ:",
             "    for k, map in enumerate(image):",
             "        for row in map:",
             "            for delta in row:",
             "                db[k] += delta",
             "return db"),
    ],
    "conv2d_dX": [
        printed(plain.conv2d_dX),
        body(IMAGES, "(B, D, M, N), (P, D, m, n) = X_shape, w.shape",
             "around = ((0, 0), (0, 0), (m - 1, m - 1), (n - 1, n - 1))",
             "padded, turned = np.pad(dZ, around), w[:, :, ::-1, ::-1]",
             "dX = np.zeros(X_shape)",
             "for s, c, p, q in np.ndindex(dX.shape):",
             "    dX[s, c, p, q] = (padded[s, :, p:p + m, q:q + n] * turned[:, c]).sum()",
             "return dX"),
        body(IMAGES, "dX = np.zeros(X_shape)", "P, D, m, n = w.shape",
             "rows, columns = dZ.shape[2:]",
             "for s in range(X_shape[0]):",
             "    for c in range(D):",
             "        for p in range(X_shape[2]):",
             "            for q in range(X_shape[3]):",
             "                total = 0",
             "                for i in range(max(0, p - m + 1), min(rows, p + 1)):",
             "                    for j in range(max(0, q - n + 1), min(columns, q + 1)):",
             "                        for k in range(P):",
             "                            total += dZ[s, k, i, j] * w[k, c, p - i, q - j]",
             "                dX[s, c, p, q] = total",
             "return dX"),
    ],
    "conv2d_dX-scatter": [
        body(IMAGES, "dX = np.zeros(X_shape, dZ.dtype)", "P, D, m, n = w.shape",
             "B, P, rows, columns = dZ.shape",
             "for s in range(B):",
             "    for k in range(P):",
             "        for i in range(rows):",
             "            for j in range(columns):",
             "                for c in range(D):",
             "                    for u in range(m):",
             "                        for v in range(n):",
             "                            dX[s, c, i + u, j + v] += dZ[s, k, i, j] * w[k, c, u, v]",
             "return dX"),
        body(IMAGES, "dX = np.zeros(X_shape)", "m, n = w.shape[2:]",
             "for s, k, i, j in np.ndindex(dZ.shape):",
             "    dX[s, :, i:i + m, j:j + n] += dZ[s, k, i, j] * w[k]",
             "return dX"),
        body(IMAGES, "dX = np.zeros(X_shape)", "rows, columns = dZ.shape[2:]",
             "for k, c, u, v in np.ndindex(w.shape):",
             "    dX[:, c, u:u + rows, v:v + columns] += w[k, c, u, v] * dZ[:, k]",
             "return dX"),
    ],
    "max_pool2d_dX": [
        printed(reference.max_pool2d_dX),
        body(POOL, "dX = np.zeros_like(np.ones(X_shape))",
             "for s, c, i, j in np.ndindex(dY.shape):",
             "    index = argmax[s, c, i, j]",
             "    if index >= 0:",
             "        dX[s, c, index // X_shape[3], index % X_shape[3]] += dY[s, c, i, j]",
             "return dX"),
        body(POOL, "B, D, M, N = X_shape", "dX = np.zeros((B, D, M * N))",
             "for s in range(B):",
             "    for c in range(D):",
             "        for at, delta in zip(argmax[s, c].ravel(), dY[s, c].ravel()):",
             "            if at != -1:",
             "                dX[s, c, at] += delta",
             "return dX.reshape(X_shape)"),
        body(POOL, "B, D, M, N = X_shape", "dX = np.zeros(X_shape)",
             "for p in range(M):",
             "    for q in range(N):",
             "        won = argmax == p * N + q",
             "        dX[:, :, p, q] = np.sum(np.where(won, dY, 0), axis=(2, 3))",
             "return dX"),
    ],
    "adam_step": [
        body(STEP, "a = beta1 * a + (1 - beta1) * dw", "u = beta2 * u + (1 - beta2) * dw**2",
             "a_hat, u_hat = a / (1 - beta1**t), u / (1 - beta2**t)",
             "return w - learning_rate * a_hat / (np.sqrt(u_hat) + epsilon), a, u"),
        body(STEP, "w, a, u = w.copy(), a.copy(), u.copy()",
             "for at in np.ndindex(w.shape):",
             "    a[at] += (1 - beta1) * (dw[at] - a[at])",
             "    u[at] += (1 - beta2) * (dw[at] * dw[at] - u[at])",
             "    root = (u[at] / (1 - beta2**t)) ** 0.5",
             "    w[at] -= learning_rate * a[at] / (1 - beta1**t) / (root + epsilon)",
             "return [w, a, u]"),
    ],
}  # fmt: skip
