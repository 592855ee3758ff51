import Hummingbird
import Mustache
import GRDB
enum Golden {}
