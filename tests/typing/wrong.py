"""Slips that type checkers must find, each in the line that ends with the mark. Never run."""

import numpy as np

import cnnlab
from cnnlab import data, fast, gradcheck, plots, reference
from cnnlab.layers import AvgPool2D, BatchNorm2D, Conv2D, Dense, Dropout, LeakyReLU, MaxPool2D, ReLU
from cnnlab.model import Sequential
from cnnlab.optimizers import SGD, Adam
from cnnlab.page.explorer import explore, explore_pooling
from cnnlab.schedules import CosineDecay
from cnnlab.training import Augmentation, EarlyStopping, confusion_matrix, evaluate, fit

X, w, labels = np.zeros((1, 1, 4, 4)), np.zeros((1, 1, 2, 2)), np.array([0])
model = Sequential([Dense(2)], input_shape=(3,))

# --- Options misspelt -----------------------------------------------------------------------------
fast.conv2d(X, w, paddding=1)  # wrong
reference.conv2d(X, w, strides=2)  # wrong
fast.max_pool2d(X, 2, ceil=True)  # wrong
reference.leaky_relu(X, alpha=0.1)  # wrong
Conv2D(8, 3, activation="relu")  # wrong
Dense(10, use_bias=False)  # wrong
MaxPool2D(2, strides=2)  # wrong
BatchNorm2D(eps=1e-5)  # wrong
SGD(learning_rate=0.1, nesterow=True)  # wrong
Adam(lr=0.1)  # wrong
fit(model, X, labels, optimizer=Adam(), epoch=3)  # wrong
evaluate(model, X, labels, batchsize=3)  # wrong
gradcheck.check_model(model, X, toleranz=1e-3)  # wrong
plots.show_grid(X, higlight=[])  # wrong
data.mnist_subset(normalize=True)  # wrong

# --- Names misspelt -------------------------------------------------------------------------------
fast.conv2D(X, w)  # wrong
reference.max_pool(X, 2)  # wrong
cnnlab.fast.relu6(X)  # wrong
fast.max_pool2d(X, 2).indices  # wrong
model.fit(X, labels)  # wrong

# --- Words and kinds ------------------------------------------------------------------------------
fast.conv2d(X, w, padding="samee")  # wrong
fast.conv2d(X, w, stride="2")  # wrong
fast.conv2d(X, w, stride=1.5)  # wrong
fast.conv2d(X, w, padding=(1.0, 1.0))  # wrong
fast.conv2d(X, w, groups=(1, 1))  # wrong
reference.avg_pool2d(X, 2, padding="valide")  # wrong
fast.avg_pool2d(X, 2, count_include_pad=1)  # wrong
fast.conv2d_dX(X, w, 4)  # wrong
fast.conv2d(X, w, stride=None)  # wrong
fast.leaky_relu(X, slope="0.1")  # wrong
Conv2D(8, "3")  # wrong
Conv2D(8, 3, padding="Same")  # wrong
AvgPool2D(2, ceil_mode="yes")  # wrong
LeakyReLU("0.1")  # wrong
SGD("0.1")  # wrong
Sequential([Dense, ReLU()], input_shape=(3,))  # wrong
Sequential([Dense(3)], input_shape=3)  # wrong
fit(model, X, labels, optimizer="adam")  # wrong
fit(model, X, labels, optimizer=Adam)  # wrong
fit(model, X, labels, optimizer=Adam(), loss="mse")  # wrong
fit(model, X, labels, optimizer=Adam(), validation=X)  # wrong
fit(model, X, labels, optimizer=Adam(), class_weights="even")  # wrong
fit(model, X, labels, optimizer=Adam(), on_epoch="print")  # wrong
fit(model, X, labels, optimizer=Adam(), checkpoint=3)  # wrong
EarlyStopping(3, patiense=2)  # wrong
Augmentation(shift="2")  # wrong
gradcheck.check_operation(fast, "conv2d", X, w, method="complexx")  # wrong
gradcheck.check_model(model, X, by="entries")  # wrong
data.photo("flowers")  # wrong
explore(mode="backward")  # wrong
explore_pooling(rule="last")  # wrong

# --- Arguments that are missing, or too many ------------------------------------------------------
fast.conv2d(X)  # wrong
fast.conv2d(X, w, None, 2)  # wrong
reference.max_pool2d(X)  # wrong
fast.cross_entropy(X)  # wrong
Conv2D(8)  # wrong
Dropout()  # wrong
Sequential(input_shape=(3,))  # wrong
fit(model, X, labels)  # wrong
SGD()  # wrong
CosineDecay(0.1)  # wrong
confusion_matrix(labels, labels)  # wrong

# --- Results --------------------------------------------------------------------------------------
Y, argmax, more = fast.max_pool2d(X, 2)  # wrong
fast.cross_entropy(X, labels).loss  # wrong
fast.conv2d(X, w).relu()  # wrong
