#ifndef SPOTRENDER_CZLIB_SHIM_H
#define SPOTRENDER_CZLIB_SHIM_H

// zlib's initialisers are macros, which Swift can't call: these stand in for them.

#include <zlib.h>

/// `windowBits` is 8...15, plus 16 for gzip, plus 32 to tell gzip from zlib by the header, or
/// negative for a bare deflate stream (zlib.h, inflateInit2).
static inline int czlib_inflateInit2(z_stream *stream, int windowBits) {
    return inflateInit2(stream, windowBits);
}

/// `windowBits` is 9...15, plus 16 for gzip (zlib.h, deflateInit2).
static inline int czlib_deflateInit2(z_stream *stream, int level, int windowBits) {
    return deflateInit2(stream, level, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY);
}

#endif
