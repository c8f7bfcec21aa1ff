// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/description.h"

#include "core/registry/text.h"

#include <cctype>
#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>
#include <cstdlib>
#include <memory>

namespace cm::registry {

namespace {

std::string escaped(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
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
            out.push_back(c);
        }
    }
    return out;
}

struct ParserFree {
    void operator()(cmark_parser *parser) const { cmark_parser_free(parser); }
};
struct NodeFree {
    void operator()(cmark_node *node) const { cmark_node_free(node); }
};

// Raw HTML and links other than to the web or mail come out as text or not at all.
Result<std::string> renderMarkdown(std::string_view text)
{
    cmark_gfm_core_extensions_ensure_registered();
    constexpr int options = CMARK_OPT_DEFAULT | CMARK_OPT_VALIDATE_UTF8;
    const std::unique_ptr<cmark_parser, ParserFree> parser(cmark_parser_new(options));
    for (const char *name : {"table", "strikethrough", "autolink", "tagfilter", "tasklist"}) {
        if (cmark_syntax_extension *extension = cmark_find_syntax_extension(name))
            cmark_parser_attach_syntax_extension(parser.get(), extension);
    }
    cmark_parser_feed(parser.get(), text.data(), text.size());
    const std::unique_ptr<cmark_node, NodeFree> document(cmark_parser_finish(parser.get()));
    if (!document)
        return fail(ErrorCode::InvalidInput, "the description is no Markdown");
    const std::unique_ptr<char, void (*)(void *)> html(
        cmark_render_html(document.get(), options, cmark_parser_get_syntax_extensions(parser.get())), std::free);
    if (!html)
        return fail(ErrorCode::InvalidInput, "the description does not render");
    return std::string(html.get());
}

}  // namespace

std::string descriptionType(std::string_view contentType)
{
    std::string type(trimmed(contentType.substr(0, contentType.find(';'))));
    for (char &c : type)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return type.empty() ? "text/x-rst" : type;
}

Result<std::string> renderDescription(std::string_view description, std::string_view contentType)
{
    if (!isUtf8(description))
        return fail(ErrorCode::InvalidInput, "the description is not UTF-8");
    const std::string type = descriptionType(contentType);
    if (type == "text/markdown")
        return renderMarkdown(description);
    if (type == "text/plain" || type == "text/x-rst")
        return "<pre>" + escaped(description) + "</pre>\n";
    return fail(ErrorCode::InvalidInput, "descriptions are not of the type " + type);
}

}  // namespace cm::registry
