import SwiftProtobuf
enum Golden {}
