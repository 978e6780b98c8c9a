/// The version of Spotrender. `--version` prints it, and `make release` names its archive after it.
let version = "0.1.0"
