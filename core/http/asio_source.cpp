// SPDX-License-Identifier: GPL-3.0-or-later
// The one place where the header-only libraries are compiled (BOOST_ASIO_SEPARATE_COMPILATION).
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
