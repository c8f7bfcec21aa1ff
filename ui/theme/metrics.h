// SPDX-License-Identifier: GPL-3.0-or-later
// The 4 px grid and the sizes built on it, in device-independent pixels.
#pragma once

namespace cm::ui::metrics {

inline constexpr int unit = 4;
inline constexpr int gap = 12;
inline constexpr int cardPadding = 12;
inline constexpr int cardRadius = 8;
inline constexpr int controlRadius = 6;
inline constexpr int navigationWidth = 208;
inline constexpr int topBarHeight = 44;
inline constexpr int statusBarHeight = 26;
inline constexpr int rowHeight = 28;
inline constexpr int sheetWidth = 400;

}  // namespace cm::ui::metrics
