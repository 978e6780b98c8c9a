package import Farm

extension Job {
    /// The job after an event, or `nil` where the event is refused or changes nothing of the job.
    package func after(_ event: Event, at now: Timestamp) -> Job? {
        do {
            return try apply(event, at: now).moved
        } catch {
            return nil
        }
    }
}
