// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/colors.h"
#include "ui/theme/marks.h"
#include "ui/theme/style.h"

#include <QImage>
#include <QPainter>
#include <QStyleOption>
#include <QTest>

#include <algorithm>

using namespace cm::ui;

class ThemeTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void textIsReadable_data();
    void textIsReadable();
    void colorsFollowThePalette();
    void everyMarkHasAFormOfItsOwn();
    void anEmptyBoxIsSeen_data() { textIsReadable_data(); }
    void anEmptyBoxIsSeen();
};

void ThemeTest::textIsReadable_data()
{
    QTest::addColumn<bool>("dark");
    QTest::newRow("dark") << true;
    QTest::newRow("light") << false;
}

void ThemeTest::textIsReadable()
{
    QFETCH(bool, dark);
    const Colors &colors = dark ? darkColors() : lightColors();
    for (const QColor &surface : {colors.window, colors.panel, colors.raised}) {
        QCOMPARE_GE(contrastOf(colors.text, surface), 7.0);
        QCOMPARE_GE(contrastOf(colors.dim, surface), 4.5);
    }
    const QPalette palette = paletteOf(colors);
    for (const QColor &state : {colors.ok, colors.warning, colors.critical, colors.unknown, colors.accent}) {
        // Marks are forms, for which WCAG asks 3:1.
        QCOMPARE_GE(contrastOf(state, colors.panel), 3.0);
        // As text, such as a badge on a tint of itself, they are held to what text is.
        for (const QColor &surface : {colors.window, colors.panel, colors.raised, blend(colors.panel, state, 0.28),
                                      palette.color(QPalette::Highlight)})
            QCOMPARE_GE(contrastOf(readableOn(surface, state, colors.text), surface), 4.5);
    }
    for (const auto role : {QPalette::Link, QPalette::LinkVisited, QPalette::BrightText}) {
        for (const QColor &surface : {colors.window, colors.panel, colors.raised})
            QCOMPARE_GE(contrastOf(palette.color(role), surface), 4.5);
    }
    const QColor selection = palette.color(QPalette::Highlight);
    QCOMPARE_GE(contrastOf(readableOn(selection, colors.dim, colors.text), selection), 4.5);
    QCOMPARE_GE(contrastOf(palette.color(QPalette::HighlightedText), palette.color(QPalette::Highlight)), 4.5);
    QCOMPARE_GE(contrastOf(palette.color(QPalette::ToolTipText), palette.color(QPalette::ToolTipBase)), 4.5);
}

void ThemeTest::colorsFollowThePalette()
{
    QCOMPARE(colorsOf(paletteOf(darkColors())).ok, darkColors().ok);
    QCOMPARE(colorsOf(paletteOf(lightColors())).ok, lightColors().ok);
    QPalette contrast;
    contrast.setColor(QPalette::Window, Qt::black);
    contrast.setColor(QPalette::Base, Qt::black);
    contrast.setColor(QPalette::WindowText, Qt::yellow);
    QCOMPARE(colorsOf(contrast).text, QColor(Qt::yellow));
    QCOMPARE(colorsOf(contrast).panel, QColor(Qt::black));
}

void ThemeTest::everyMarkHasAFormOfItsOwn()
{
    // In one colour, as a colour-blind person or a printer has it.
    Colors grey = darkColors();
    grey.ok = grey.warning = grey.critical = grey.unknown = grey.dim = QColor(Qt::white);
    QList<QImage> drawn;
    for (const Mark mark : {Mark::Ok, Mark::Warning, Mark::Unknown, Mark::Critical, Mark::Deprecated}) {
        QImage image(24, 24, QImage::Format_ARGB32_Premultiplied);
        image.fill(Qt::black);
        QPainter painter(&image);
        drawMark(painter, QRectF(image.rect()), mark, grey);
        painter.end();
        QVERIFY(!drawn.contains(image));
        drawn.append(image);
    }
}

void ThemeTest::anEmptyBoxIsSeen()
{
    QFETCH(bool, dark);
    const Colors &colors = dark ? darkColors() : lightColors();
    const Style style;
    const auto drawn = [&](QStyle::PrimitiveElement element, QStyle::State state) {
        QImage image(16, 16, QImage::Format_ARGB32_Premultiplied);
        image.fill(colors.panel);
        QPainter painter(&image);
        QStyleOptionButton option;
        option.rect = image.rect();
        option.palette = paletteOf(colors);
        option.state = QStyle::State_Enabled | state;
        style.drawPrimitive(element, &option, &painter, nullptr);
        return image;
    };
    for (const auto element : {QStyle::PE_IndicatorCheckBox, QStyle::PE_IndicatorRadioButton}) {
        const QImage empty = drawn(element, QStyle::State_Off);
        double strongest = 0;
        for (int x = 0; x < empty.width(); ++x)
            strongest = std::max(strongest, contrastOf(empty.pixelColor(x, 8), colors.panel));
        QCOMPARE_GE(strongest, 3.0);
        QVERIFY(drawn(element, QStyle::State_On) != empty);
        QVERIFY(drawn(element, QStyle::State_NoChange) != empty);
    }
    QVERIFY(drawn(QStyle::PE_IndicatorCheckBox, QStyle::State_NoChange) != drawn(QStyle::PE_IndicatorCheckBox, QStyle::State_On));
}

QTEST_MAIN(ThemeTest)
#include "theme_test.moc"
