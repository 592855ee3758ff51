import Yams
import AsyncHTTPClient
import Crypto
import ServiceLifecycle
import Logging
enum Golden {}
