// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/overview/copies_strip.h"

#include "ui/format/format.h"
#include "ui/format/signals.h"
#include "ui/theme/fonts.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/flow_layout.h"
#include "ui/widgets/state_mark.h"

#include <QLabel>
#include <QVBoxLayout>

namespace cm::ui {

namespace {

QList<const api::Node *> nodesOf(const api::MonitorState &state, std::string_view role)
{
    QList<const api::Node *> out;
    for (const api::Node &node : state.nodes) {
        if (node.role == role)
            out << &node;
    }
    return out;
}

// `words` of what is known; a dash where nobody told it.
CopyFigure figureOf(const QString &name, const api::Signal *fact, const QString &words, bool old)
{
    if (!fact || words == dash())
        return {name, dash(), CopiesStrip::tr("Nobody has told it")};
    const bool struck = old || fact->stale;
    const bool well = fact->verdict == api::Verdict::Ok || fact->verdict == api::Verdict::Unknown;
    return {name, words, timeTip(fact->sampled), struck || well ? Mark::None : markOf(fact->verdict), struck};
}

CopyFigure figureOf(const QString &name, const api::Node &node, std::string_view signal, bool old)
{
    const api::Signal *fact = factOf(node, signal);
    return figureOf(name, fact, fact ? signalValue(*fact) : dash(), old);
}

// What is copied: as the CDN's look at it tells, else the mirror's.
CopyFigure origin(const QList<const api::Node *> &caches, const QList<const api::Node *> &mirrors, bool old)
{
    const api::Signal *found = nullptr;
    const auto look = [&found](const QList<const api::Node *> &nodes, std::string_view signal) {
        for (const api::Node *node : nodes) {
            const api::Signal *fact = factOf(*node, signal);
            if (fact && fact->value && (!found || (found->stale && !fact->stale)))
                found = fact;
        }
    };
    look(caches, "registry-serial");
    look(mirrors, "origin-serial");
    return figureOf(CopiesStrip::tr("Registry's serial"), found, found ? signalValue(*found) : dash(), old);
}

CopyFigure serving(const QString &name, const api::Node &cache, bool old)
{
    const api::Signal *fact = factOf(cache, "serving");
    const QString words = !fact || fact->text.empty() ? dash() : fact->text == "nobody" ? CopiesStrip::tr("nobody") : text(fact->text);
    return figureOf(name, fact, words, old);
}

CopyFigure drawn(const QString &name, const api::Node &mirror, bool old)
{
    const api::Signal *all = factOf(mirror, "samples"), *wrong = factOf(mirror, "samples-wrong");
    const bool known = all && wrong && all->value && wrong->value;
    return figureOf(name, wrong, known ? CopiesStrip::tr("%1 of %2").arg(signalValue(*wrong), signalValue(*all)) : dash(), old);
}

}  // namespace

QList<CopyFigure> CopiesStrip::figures(const api::MonitorState &state, bool old)
{
    const QList<const api::Node *> caches = nodesOf(state, "cdn"), mirrors = nodesOf(state, "mirror");
    if (caches.isEmpty() && mirrors.isEmpty())
        return {};
    // Of several each is told apart: one that is bad is never averaged away.
    const auto named = [](const QString &one, const QString &many, const QList<const api::Node *> &all, const api::Node *node) {
        return all.size() == 1 ? one : many.arg(text(node->name));
    };
    QList<CopyFigure> out{origin(caches, mirrors, old)};
    for (const api::Node *cache : caches)
        out << figureOf(named(tr("CDN's serial"), tr("Serial of %1"), caches, cache), *cache, "serial", old);
    for (const api::Node *mirror : mirrors) {
        out << figureOf(named(tr("Mirror's serial"), tr("Serial of %1"), mirrors, mirror), *mirror, "serial", old)
            << figureOf(named(tr("Mirror's age"), tr("Age of %1"), mirrors, mirror), *mirror, "age", old)
            << drawn(named(tr("Drawn files wrong"), tr("Files wrong on %1"), mirrors, mirror), *mirror, old);
    }
    for (const api::Node *cache : caches) {
        out << serving(named(tr("Installs come from"), tr("%1 serves from"), caches, cache), *cache, old)
            << figureOf(named(tr("From the cache"), tr("Cache of %1"), caches, cache), *cache, "hit-ratio", old)
            << figureOf(named(tr("5xx"), tr("5xx of %1"), caches, cache), *cache, "errors", old);
    }
    return out;
}

CopiesStrip::CopiesStrip(QWidget *parent) : Card({}, parent)
{
    auto *inner = new QWidget;
    inner->setAccessibleName(tr("Registry, CDN and mirror"));
    m_row = new FlowLayout(inner);
    m_row->setSpacing(metrics::gap + 2 * metrics::unit);
    setContent(inner);
    hide();
}

void CopiesStrip::setState(const api::MonitorState &state, bool old)
{
    const QList<CopyFigure> all = figures(state, old);
    setVisible(!all.isEmpty());
    while (m_parts.size() > all.size())
        delete m_parts.takeLast().whole;
    while (m_parts.size() < all.size()) {
        auto *whole = new QWidget;
        auto *column = new QVBoxLayout(whole);
        column->setContentsMargins(0, 0, 0, 0);
        column->setSpacing(0);
        auto *name = new QLabel;
        name->setFont(smallFont(font()));
        name->setForegroundRole(QPalette::PlaceholderText);
        name->setTextFormat(Qt::PlainText);
        auto *value = new StateMark;
        column->addWidget(name);
        column->addWidget(value);
        m_row->addWidget(whole);
        m_parts << Part{whole, name, value};
    }
    for (qsizetype i = 0; i < all.size(); ++i) {
        const CopyFigure &figure = all.at(i);
        const Part &part = m_parts.at(i);
        part.name->setText(figure.name);
        QFont words = headingFont(font());
        words.setStrikeOut(figure.struck);
        part.value->setFont(words);
        part.value->setState(figure.mark, figure.value);
        part.value->setAccessibleName(tr("%1: %2", "a figure and its value").arg(figure.name, figure.value));
        part.value->setToolTip(figure.tip);
    }
}

}  // namespace cm::ui
