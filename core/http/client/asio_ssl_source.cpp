// SPDX-License-Identifier: GPL-3.0-or-later
// Asio's TLS part, compiled once: the server speaks to OpenSSL itself and has no use for it.
#include <boost/asio/ssl/impl/src.hpp>
