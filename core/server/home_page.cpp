// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/home_page.h"

namespace cm::server {
namespace {

std::string escaped(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

std::string page(std::string_view title, std::string_view body)
{
    std::string html = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>";
    html.append(escaped(title))
        .append("</title>\n<style>body{font-family:sans-serif;max-width:44rem;margin:3rem auto;"
                "padding:0 1rem;line-height:1.5}code,pre{background:#8882;padding:.1rem .3rem}"
                "pre{padding:.6rem}@media(prefers-color-scheme:dark){body{background:#1c1b1a;"
                "color:#eee}a{color:#e8b44c}}</style>\n</head>\n<body>\n");
    html.append(body).append("</body>\n</html>\n");
    return html;
}

}  // namespace

std::string homePage(std::string_view name, std::string_view version)
{
    std::string body = "<h1>" + escaped(name) + "</h1>\n";
    body += "<p>A registry of Python packages, served by Cheesemonger " + escaped(version) +
            ".</p>\n"
            "<ul>\n<li><a href=\"/simple/\">Simple index</a>, for pip and other installers</li>\n"
            "<li><a href=\"/help/uploads\">How to upload</a></li>\n"
            "<li><a href=\"/admin/v1/openapi.json\">Admin API</a> (OpenAPI)</li>\n"
            "<li><a href=\"/metrics\">Metrics</a> and <a href=\"/_health/\">health</a></li>\n</ul>\n"
            "<p>Install from here: <code>pip install --index-url ADDRESS/simple/ PROJECT</code></p>\n";
    return page(name, body);
}

std::string uploadHelpPage(std::string_view name)
{
    std::string body = "<h1>Uploading to " + escaped(name) +
                       "</h1>\n"
                       "<p>Send files with an API token of yours:</p>\n"
                       "<pre>twine upload --repository-url ADDRESS/legacy/ -u __token__ -p TOKEN dist/*</pre>\n";
    body += "<p>A token is made in the desktop (My projects, Tokens) or on the server:</p>\n"
            "<pre>cheesemongerd admin token create --user NAME --data DIR</pre>\n"
            "<h2>When a file is refused</h2>\n<ul>\n"
            "<li><b>Not allowed to upload</b>: ask an Owner of the project for a role.</li>\n"
            "<li><b>File already exists</b>: files never change; raise the version and build again.</li>\n"
            "<li><b>File name used before</b>: names of deleted files are not given again; raise the version.</li>\n"
            "<li><b>Too large</b>: ask the registry's staff for a higher limit.</li>\n"
            "<li><b>Invalid distribution</b>: build again with <code>python3 -m build</code>; the sentence says "
            "what is wrong in the archive.</li>\n</ul>\n";
    return page("Uploading to " + std::string(name), body);
}

}  // namespace cm::server
