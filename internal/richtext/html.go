package richtext

import "html"

// HTML is what a browser may be given as it is. A constant is HTML, for we wrote it; a
// string cannot be added to it before Escape has made it harmless, or the compiler
// objects.
type HTML string

// Escape makes HTML of a text, to stand in an element or in an attribute with quotes.
// What leads elsewhere (href, src) needs more: an address that begins as we say.
func Escape(text string) HTML { return HTML(html.EscapeString(text)) }
