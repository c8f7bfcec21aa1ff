// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/docs_media_type.h"

#include <doctest/doctest.h>

using namespace cm::server;

TEST_CASE("pages of documentation are sent as what their names say, and all else as a download")
{
    CHECK(docsMediaType("index.html").contentType == "text/html; charset=utf-8");
    CHECK(docsMediaType("index.html").page);
    CHECK(docsMediaType("a/b/STYLE.CSS").contentType == "text/css; charset=utf-8");
    CHECK_FALSE(docsMediaType("style.css").page);
    CHECK_FALSE(docsMediaType("a.svg").download);
    for (const char *name : {"", "README", "a.exe", "a.html.exe", "html", ".html/x", "a.", "dir.html/objects.inv", "a.html ", "a.xhtml", "a.php"}) {
        CAPTURE(name);
        CHECK(docsMediaType(name).contentType == "application/octet-stream");
        CHECK(docsMediaType(name).download);
    }
    CHECK(docsMediaType(".html").page);
}
