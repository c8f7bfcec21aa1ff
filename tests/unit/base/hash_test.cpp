// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/hash.h"
#include "core/base/log.h"

#include <doctest/doctest.h>

using namespace cm;

TEST_CASE("digests equal those of Python's hashlib")
{
    CHECK(hashHex(HashKind::Sha256, "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(hashHex(HashKind::Md5, "abc") == "900150983cd24fb0d6963f7d28e17f72");
    CHECK(hashHex(HashKind::Blake2b256, "abc") == "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
    CHECK(hashHex(HashKind::Blake2b512, "").substr(0, 16) == "786a02f742015903");
}

TEST_CASE("secrets of other length or content differ")
{
    CHECK(equalSecrets("abc", "abc"));
    CHECK_FALSE(equalSecrets("abc", "abd"));
    CHECK_FALSE(equalSecrets("abc", "ab"));
}

TEST_CASE("a log line stays JSON whatever bytes it is given")
{
    std::string out;
    appendJsonEscaped(out, "a\"b\\c\n\xff\xc3\xa9\xed\xa0\x80");
    CHECK(out == "a\\\"b\\\\c\\u000a\\ufffd\xc3\xa9\\ufffd\\ufffd\\ufffd");
}
