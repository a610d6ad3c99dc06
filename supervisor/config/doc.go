// Package config is everything that can be set about a service: which settings
// there are, what they are where nothing else is said, and where their values
// come from.
//
//	config.go            the values, their defaults, and what must hold between them
//	settings.go          the table of settings; settings_profile.go those that each profile has
//	limits.go            the table of limits, from which settings and a request's members come
//	size.go              numbers of bytes, as people write them
//	load.go              flags, environment and file, one over the other
//	file.go              the YAML file, and its profiles
//	memory.go            how the service's memory is divided; memory_linux.go how much there is
package config
