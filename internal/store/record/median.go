package record

// A Median is the middle one of some values, or the lower of two, and those beside it.
type Median struct {
	Values               int64
	Below, Middle, Above Value
}

// A Value is one of which there may be equals, which are ordered by their ids. 0 is the id of none.
type Value struct{ Number, ID int64 }

// Add adds a value whose id is greater than all before it, so that of equal ones it comes last. It returns the median, which each new one moves by one place
// at most; what is beside it then is not known.
func (m *Median) Add(v Value) int64 {
	upper := m.Middle
	switch below := v.Number < m.Middle.Number; {
	case m.Values == 0:
		m.Middle = v
	case !below:
		if upper = v; m.Above.ID != 0 && m.Above.Number <= v.Number {
			upper = m.Above
		}
		if m.Values%2 == 0 { // the middle was the lower of two; now the upper is the only one
			m.Middle = upper
		}
	case m.Values%2 == 1: // the middle was the only one; the lower of two is the one before
		if m.Middle = v; m.Below.ID != 0 && m.Below.Number > v.Number {
			m.Middle = m.Below
		}
	}
	if m.Values++; m.Values%2 == 0 {
		return (m.Middle.Number + upper.Number) / 2
	}
	return m.Middle.Number
}
