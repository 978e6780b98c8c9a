// Host lookups without the system's NSS modules.
//
// A static glibc loads the modules that /etc/nsswitch.conf names, such as `myhostname` and
// `resolve` on Amazon Linux, from the system's own glibc, and then crashes: their two C libraries
// do not fit together. So each program of ours looks names up by /etc/hosts and DNS alone, which
// are part of glibc since 2.34, and reads users and groups from their files. The lookups are set
// before `main`, because any library may be the first to look something up.
#include "CCurl.h"

// Not declared by a header of glibc's, but part of its interface (GLIBC_2.2.5); nscd uses it in the
// same way.
extern int __nss_configure_lookup(const char *database, const char *services);

__attribute__((constructor)) static void ccurl_use_built_in_lookups(void) {
    static const char *const databases[] = {"passwd", "group", "services", "protocols", "networks"};
    __nss_configure_lookup("hosts", "files dns");
    for (size_t index = 0; index < sizeof databases / sizeof databases[0]; index++) {
        __nss_configure_lookup(databases[index], "files");
    }
}
