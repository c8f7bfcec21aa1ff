// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/colors.h"

#include <algorithm>
#include <cmath>

namespace cm::ui {

namespace {

constexpr QRgb rgb(unsigned value)
{
    return 0xff000000U | value;
}

std::array<QColor, 6> seriesColors()
{
    return {QColor(rgb(0x5b9bf0)), QColor(rgb(0x56c2d6)), QColor(rgb(0xd77fb3)),
            QColor(rgb(0xb59f7b)), QColor(rgb(0x7a86e8)), QColor(rgb(0x8a8f9b))};
}

// The luminance of sRGB as WCAG 2 defines it.
double luminance(const QColor &color)
{
    const auto channel = [](double value) {
        return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * channel(color.redF()) + 0.7152 * channel(color.greenF()) + 0.0722 * channel(color.blueF());
}

}  // namespace

const Colors &darkColors()
{
    static const Colors colors{QColor(rgb(0x16181d)), QColor(rgb(0x1e2128)), QColor(rgb(0x262a33)), QColor(rgb(0x323743)),
                               QColor(rgb(0xe6e8ec)), QColor(rgb(0x9aa1ae)), QColor(rgb(0x4fb286)), QColor(rgb(0xe0a63a)),
                               QColor(rgb(0xe5604d)), QColor(rgb(0x9b8bd6)), QColor(rgb(0x5b9bf0)), seriesColors()};
    return colors;
}

const Colors &lightColors()
{
    static const Colors colors{QColor(rgb(0xf6f7f9)), QColor(rgb(0xffffff)), QColor(rgb(0xeef0f4)), QColor(rgb(0xd9dde4)),
                               QColor(rgb(0x1b1e24)), QColor(rgb(0x59606d)), QColor(rgb(0x2d8a60)), QColor(rgb(0x9a6a00)),
                               QColor(rgb(0xc43d2a)), QColor(rgb(0x6a58b8)), QColor(rgb(0x2468c8)), seriesColors()};
    return colors;
}

QPalette paletteOf(const Colors &colors)
{
    const bool dark = luminance(colors.window) < 0.5;
    // Selection is a tint of the accent, so that text and marks keep their own colours on it.
    const QColor selection = blend(colors.panel, colors.accent, dark ? 0.28 : 0.18);
    QPalette palette;
    const auto set = [&palette](QPalette::ColorRole role, const QColor &color) { palette.setColor(role, color); };
    set(QPalette::Window, colors.window);
    set(QPalette::WindowText, colors.text);
    set(QPalette::Base, colors.panel);
    set(QPalette::AlternateBase, colors.raised);
    set(QPalette::Text, colors.text);
    set(QPalette::PlaceholderText, colors.dim);
    set(QPalette::Button, colors.raised);
    set(QPalette::ButtonText, colors.text);
    set(QPalette::BrightText, readableOn(colors.raised, colors.critical, colors.text));
    set(QPalette::Highlight, selection);
    set(QPalette::HighlightedText, colors.text);
    // On any of the surfaces: raised is the one with the least contrast.
    set(QPalette::Link, readableOn(colors.raised, colors.accent, colors.text));
    set(QPalette::LinkVisited, readableOn(colors.raised, colors.unknown, colors.text));
    set(QPalette::ToolTipBase, colors.raised);
    set(QPalette::ToolTipText, colors.text);
    set(QPalette::Light, blend(colors.raised, colors.text, 0.06));
    set(QPalette::Midlight, colors.raised);
    set(QPalette::Mid, colors.line);
    set(QPalette::Dark, colors.line);
    set(QPalette::Shadow, dark ? colors.window.darker(160) : colors.line);
    const QColor faint = blend(colors.panel, colors.dim, 0.6);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::HighlightedText})
        palette.setColor(QPalette::Disabled, role, faint);
    palette.setColor(QPalette::Disabled, QPalette::Highlight, colors.raised);
    return palette;
}

bool isDark(const QPalette &palette)
{
    return luminance(palette.color(QPalette::Active, QPalette::Window)) < 0.35;
}

Colors colorsOf(const QPalette &palette)
{
    const Colors &table = isDark(palette) ? darkColors() : lightColors();
    if (palette.color(QPalette::Active, QPalette::Window) == table.window)
        return table;
    Colors colors = table;
    colors.window = palette.color(QPalette::Active, QPalette::Window);
    colors.panel = palette.color(QPalette::Active, QPalette::Base);
    colors.raised = palette.color(QPalette::Active, QPalette::Button);
    colors.line = palette.color(QPalette::Active, QPalette::WindowText);
    colors.text = palette.color(QPalette::Active, QPalette::WindowText);
    colors.dim = colors.text;
    return colors;
}

double contrastOf(const QColor &a, const QColor &b)
{
    const double first = luminance(a);
    const double second = luminance(b);
    return (std::max(first, second) + 0.05) / (std::min(first, second) + 0.05);
}

QColor readableOn(const QColor &surface, const QColor &color, const QColor &text)
{
    QColor result = color;
    for (double opacity = 0.05; contrastOf(result, surface) < 4.5 && opacity < 1.0; opacity += 0.05)
        result = blend(color, text, opacity);
    return result;
}

QColor blend(const QColor &under, const QColor &over, double opacity)
{
    const auto mix = [opacity](int below, int above) {
        return static_cast<int>(std::lround(below + (above - below) * opacity));
    };
    return {mix(under.red(), over.red()), mix(under.green(), over.green()), mix(under.blue(), over.blue())};
}

QBrush missingBrush(const Colors &colors)
{
    return {blend(colors.panel, colors.dim, 0.55), Qt::BDiagPattern};
}

}  // namespace cm::ui
