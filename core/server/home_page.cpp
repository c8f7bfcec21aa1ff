// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/home_page.h"

#include <array>

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

// Refusals link to these (core/checks).
struct Topic {
    std::string_view id;
    std::string_view what;
    std::string_view remedy;
};
constexpr std::array topics{
    Topic{"invalid-auth", "Authentication is missing or invalid",
          "Use the user name <code>__token__</code> and a whole token, with its <code>pypi-</code>, as the password."},
    Topic{"trusted-publishers", "Passwords are not taken", "Use a token; this registry has no trusted publishers yet."},
    Topic{"uploads-disabled", "Uploads are disabled", "The registry's staff stopped them for a while; send the file later."},
    Topic{"new-projects-disabled", "New projects are disabled", "Files of projects that are there already are taken."},
    Topic{"project-name", "The project's name or permission",
          "A name may be taken, kept back, or too like another one: choose a name of your own. For a project of "
          "somebody else's ask an Owner of it for a role; a token must cover the project."},
    Topic{"project-status", "The project takes no files", "It is archived or in quarantine; ask the registry's staff."},
    Topic{"description-content-type", "The description does not render",
          "Name its type in the metadata (text/markdown, text/x-rst or text/plain) and try it with "
          "<code>twine check --strict dist/*</code>."},
    Topic{"file-name-reuse", "The file is there, or its name was used before",
          "Files never change, and names of deleted files are not given again: raise the version and build again."},
    Topic{"file-size-limit", "The file is too large", "Make it smaller, or ask the registry's staff for a higher limit."},
    Topic{"project-size-limit", "The project is too large",
          "Delete releases that nobody needs, or ask the registry's staff for a higher limit."},
    Topic{"archives", "The archive is not accepted",
          "Build again with <code>python3 -m build</code>; archives made by other means may hold what readers "
          "take for different things."},
};

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
    body += "<p id=\"api-token\">A token is made in the desktop (My projects, Tokens) or on the server:</p>\n"
            "<pre>cheesemongerd admin token create --user NAME --data DIR</pre>\n"
            "<h2>When a file is refused</h2>\n<p>The sentence of the refusal says what is wrong.</p>\n<dl>\n";
    for (const auto &[topic, what, remedy] : topics)
        body.append("<dt id=\"").append(topic).append("\"><b>").append(what).append("</b></dt>\n<dd>").append(remedy).append("</dd>\n");
    body += "</dl>\n";
    return page("Uploading to " + std::string(name), body);
}

}  // namespace cm::server
