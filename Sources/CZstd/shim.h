#ifndef SPOTRENDER_CZSTD_SHIM_H
#define SPOTRENDER_CZSTD_SHIM_H

#include <zstd.h>
#include <zstd_errors.h>

#endif
