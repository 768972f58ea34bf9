// Package emoji tells emoji from other texts.
// It must not know what an emoji is for.
package emoji

import (
	"strings"
	"unicode/utf8"
)

// The code points that emoji are joined of.
const (
	joiner       = 0x200d // between emoji that are shown as one
	emojiStyle   = 0xfe0f
	keycap       = 0x20e3 // around a digit
	blackFlag    = 0x1f3f4
	cancelTag    = 0xe007f // ends the name of a flag
	maxEmojiSize = 128     // bytes; the longest emoji there is has 35
)

// emojiSigns are the emoji of the Basic Multilingual Plane, which has other
// signs between them.
const emojiSigns = "" +
	"©®‼⁉™ℹ↔↕↖↗↘↙↩↪⌚⌛⌨⏏⏩⏪⏫⏬⏭⏮⏯⏰⏱⏲⏳⏸⏹⏺Ⓜ▪▫▶◀◻◼◽◾☀☁☂☃☄☎☑☔☕☘☝☠☢☣☦☪☮☯☸" +
	"☹☺♀♂♈♉♊♋♌♍♎♏♐♑♒♓♟♠♣♥♦♨♻♾♿⚒⚓⚔⚕⚖⚗⚙⚛⚜⚠⚡⚧⚪⚫⚰⚱⚽⚾⛄⛅⛈⛎⛏⛑⛓⛔⛩⛪⛰⛱⛲⛳⛴⛵⛷" +
	"⛸⛹⛺⛽✂✅✈✉✊✋✌✍✏✒✔✖✝✡✨✳✴❄❇❌❎❓❔❕❗❣❤➕➖➗➡➰➿⤴⤵⬅⬆⬇⬛⬜⭐⭕〰〽㊗㊙"

// Is reports whether s is one emoji and nothing else: what a reader sees as
// one picture, be it joined of several.
func Is(s string) bool {
	if len(s) > maxEmojiSize || !utf8.ValidString(s) {
		return false
	}
	for {
		rest, ok := cutEmoji(s)
		if !ok || rest == "" {
			return ok
		}
		if s, ok = strings.CutPrefix(rest, string(rune(joiner))); !ok {
			return false
		}
	}
}

// cutEmoji takes an emoji that is not joined off the beginning of s.
func cutEmoji(s string) (rest string, ok bool) {
	r, size := utf8.DecodeRuneInString(s)
	rest = s[size:]
	switch {
	case isRegional(r): // two letters are a flag
		second, size := utf8.DecodeRuneInString(rest)
		return rest[size:], isRegional(second)
	case strings.ContainsRune("0123456789#*", r):
		rest = strings.TrimPrefix(rest, string(rune(emojiStyle)))
		return strings.CutPrefix(rest, string(rune(keycap)))
	case !isPictograph(r):
		return s, false
	}
	next, size := utf8.DecodeRuneInString(rest)
	switch {
	case next == emojiStyle, isSkinTone(next):
		return rest[size:], true
	case r == blackFlag && isTag(next):
		return cutFlagName(rest)
	default:
		return rest, true
	}
}

// cutFlagName takes the letters that say whose flag it is, and their end, off the
// beginning of s.
func cutFlagName(s string) (rest string, ok bool) {
	for i, r := range s {
		switch {
		case r == cancelTag:
			return s[i+utf8.RuneLen(r):], true
		case !isTag(r):
			return s, false
		}
	}
	return s, false
}

func isRegional(r rune) bool { return 0x1f1e6 <= r && r <= 0x1f1ff }
func isSkinTone(r rune) bool { return 0x1f3fb <= r && r <= 0x1f3ff }
func isTag(r rune) bool      { return 0xe0020 <= r && r < cancelTag }

// isPictograph reports whether an emoji can begin with r. The upper blocks are
// taken whole, so that emoji of years to come are taken too.
func isPictograph(r rune) bool {
	switch {
	case r < 0x10000:
		return strings.ContainsRune(emojiSigns, r)
	case isSkinTone(r):
		return false
	case 0x1f300 <= r && r <= 0x1f64f, 0x1f680 <= r && r <= 0x1f6ff, 0x1f7e0 <= r && r <= 0x1f7ff,
		0x1f90c <= r && r <= 0x1f9ff, 0x1fa70 <= r && r <= 0x1faff:
		return true
	case 0x1f191 <= r && r <= 0x1f19a, 0x1f232 <= r && r <= 0x1f23a:
		return true
	default:
		return strings.ContainsRune("🀄🃏🅰🅱🅾🅿🆎🈁🈂🈚🈯🉐🉑", r)
	}
}
