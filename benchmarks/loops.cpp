// The convolutional layer as plain loops, one per index of its equations. The compiler is asked
// for all it can do (-O3 -march=native); nothing else is done for speed.

#include <algorithm>
#include <cstdint>

using Index = std::int64_t;

struct Sizes {
    Index B, D, M, N;     // images
    Index P, m, n;        // patterns
    Index rows, columns;  // positions
    Index stride, margin, groups;
};

// Entries of a pattern that meet the image when it lies at position `i` of one axis.
struct Entries {
    Index first, last;
    Entries(Index i, Index size, Index length, const Sizes& t)
        : first(std::max<Index>(0, t.margin - i * t.stride)),
          last(std::min(size, length + t.margin - i * t.stride)) {}
};

extern "C" void forward(const float* X, const float* w, float* Z, const Sizes& t) {
    const Index depth = t.D / t.groups;
    for (Index s = 0; s < t.B; ++s)
        for (Index k = 0; k < t.P; ++k)
            for (Index i = 0; i < t.rows; ++i)
                for (Index j = 0; j < t.columns; ++j) {
                    const Entries u_range(i, t.m, t.M, t), v_range(j, t.n, t.N, t);
                    float total = 0;
                    for (Index c = 0; c < depth; ++c)
                        for (Index u = u_range.first; u < u_range.last; ++u)
                            for (Index v = v_range.first; v < v_range.last; ++v) {
                                const Index plane = s * t.D + k / (t.P / t.groups) * depth + c;
                                const Index p = i * t.stride + u - t.margin;
                                const Index q = j * t.stride + v - t.margin;
                                total += X[(plane * t.M + p) * t.N + q] *
                                         w[((k * depth + c) * t.m + u) * t.n + v];
                            }
                    Z[((s * t.P + k) * t.rows + i) * t.columns + j] = total;
                }
}

extern "C" void dX(const float* dZ, const float* w, float* dX, const Sizes& t) {
    const Index depth = t.D / t.groups;
    std::fill(dX, dX + t.B * t.D * t.M * t.N, 0.0f);
    for (Index s = 0; s < t.B; ++s)
        for (Index k = 0; k < t.P; ++k)
            for (Index i = 0; i < t.rows; ++i)
                for (Index j = 0; j < t.columns; ++j) {
                    const Entries u_range(i, t.m, t.M, t), v_range(j, t.n, t.N, t);
                    const float gradient = dZ[((s * t.P + k) * t.rows + i) * t.columns + j];
                    for (Index c = 0; c < depth; ++c)
                        for (Index u = u_range.first; u < u_range.last; ++u)
                            for (Index v = v_range.first; v < v_range.last; ++v) {
                                const Index plane = s * t.D + k / (t.P / t.groups) * depth + c;
                                const Index p = i * t.stride + u - t.margin;
                                const Index q = j * t.stride + v - t.margin;
                                dX[(plane * t.M + p) * t.N + q] +=
                                    gradient * w[((k * depth + c) * t.m + u) * t.n + v];
                            }
                }
}

extern "C" void dw(const float* dZ, const float* X, float* dw, const Sizes& t) {
    const Index depth = t.D / t.groups;
    std::fill(dw, dw + t.P * depth * t.m * t.n, 0.0f);
    for (Index s = 0; s < t.B; ++s)
        for (Index k = 0; k < t.P; ++k)
            for (Index i = 0; i < t.rows; ++i)
                for (Index j = 0; j < t.columns; ++j) {
                    const Entries u_range(i, t.m, t.M, t), v_range(j, t.n, t.N, t);
                    const float gradient = dZ[((s * t.P + k) * t.rows + i) * t.columns + j];
                    for (Index c = 0; c < depth; ++c)
                        for (Index u = u_range.first; u < u_range.last; ++u)
                            for (Index v = v_range.first; v < v_range.last; ++v) {
                                const Index plane = s * t.D + k / (t.P / t.groups) * depth + c;
                                const Index p = i * t.stride + u - t.margin;
                                const Index q = j * t.stride + v - t.margin;
                                dw[((k * depth + c) * t.m + u) * t.n + v] +=
                                    gradient * X[(plane * t.M + p) * t.N + q];
                            }
                }
}
