internal import Domain
public import Wire

extension DeviceFolder {
    /// The messages of all samples, as if `device` and `other` had said them; none for profiles of files.
    public func messages(from device: IPAddress, to other: IPAddress) throws(FileProblems) -> [HeardMessage] {
        if profile.protocolName.isOfFiles { return [] }
        var out: [HeardMessage] = []
        for sample in samples {
            let file = path + "/" + sample.input
            let text = try SampleText(FileBytes.read(file, limit: SampleText.sizeLimit), path: file)
            var conversation = SampleConversation(profile: profile, sample: sample)
            for block in text.blocks {
                do throws(SampleConversation.Failure) {
                    for var message in try conversation.hear(block) {
                        message.source.address = block.isToDevice ? other : device
                        message.target.address = block.isToDevice ? device : other
                        out.append(message)
                    }
                } catch {
                    throw FileProblems([FileProblem(path: file, line: block.line, message: error.message)])
                }
            }
        }
        return out
    }
}
