package contain

// stub until the branch land is merged
func landlockABI() int              { return 0 }
func (s Spec) Refuses(int) error    { return nil }
func (s Spec) Lacks(int) []string   { return nil }
func (s Spec) checkLandlock() error { return nil }
