import Domain
import Foundation

/// The Vietnamese lunar calendar from astronomy, for checking the table of holidays: months begin on the local day
/// (UTC+7) of the new moon; the month of the winter solstice is the eleventh; in a year of thirteen months the first one
/// without a principal solar term is a leap month. New moons after Meeus, Astronomical Algorithms, chapter 49 (within some
/// seconds here); the sun's apparent longitude after chapter 25 (within 0.01°).
enum LunarCalendar {
    struct Month {
        var number: Int
        var isLeap: Bool
        var first: LocalDay
    }

    /// The months from the eleventh of the year before to the tenth or eleventh of this one.
    static func months(_ year: Int) -> [Month] {
        let first = eleventhMonth(year - 1)
        let count = eleventhMonth(year) - first
        var out: [Month] = []
        var number = 11
        var hasLeap = false
        for index in 0..<count {
            let begin = newMoonDay(first + index)
            let end = newMoonDay(first + index + 1)
            let hasTerm = Int(sunAtStart(of: begin) / 30) != Int(sunAtStart(of: end) / 30)
            if index > 0, count == 13, !hasLeap, !hasTerm {
                hasLeap = true
                out.append(Month(number: number, isLeap: true, first: begin))
                continue
            }
            if index > 0 { number = number % 12 + 1 }
            out.append(Month(number: number, isLeap: false, first: begin))
        }
        return out
    }

    static func day(_ year: Int, month: Int, _ day: Int) -> LocalDay? {
        months(year).first { $0.number == month && !$0.isLeap }.map { $0.first + (day - 1) }
    }

    /// The lunation whose month holds the winter solstice (the sun at 270°) of a year.
    private static func eleventhMonth(_ year: Int) -> Int {
        var lunation = Int((Double(year) + 1 - 2000) * 12.3685) + 2
        while newMoonDay(lunation).components.year > year || sunAtStart(of: newMoonDay(lunation)) > 270
            || sunAtStart(of: newMoonDay(lunation)) < 180
        {
            lunation -= 1
        }
        return lunation
    }

    /// Days since 1970 of the local day with the new moon.
    static func newMoonDay(_ lunation: Int) -> LocalDay {
        LocalDay(number: Int((newMoon(lunation) - 2_440_587.5 + 7 / 24.0).rounded(.down)))
    }

    /// Julian date, universal time.
    static func newMoon(_ lunation: Int) -> Double {
        let k = Double(lunation)
        let t = k / 1_236.85
        let radians = Double.pi / 180
        let eccentricity = 1 - 0.002516 * t - 0.0000074 * t * t
        let sun = (2.5534 + 29.10535670 * k - 0.0000014 * t * t) * radians
        let moon = (201.5643 + 385.81693528 * k + 0.0107582 * t * t) * radians
        let latitude = (160.7108 + 390.67050284 * k - 0.0016118 * t * t) * radians
        let node = (124.7746 - 1.56375588 * k + 0.0020672 * t * t) * radians
        // Coefficient, power of the eccentricity, multiples of the sun's and moon's anomaly and of the latitude.
        let terms: [(Double, Int, Double, Double, Double)] = [
            (-0.40720, 0, 0, 1, 0), (0.17241, 1, 1, 0, 0), (0.01608, 0, 0, 2, 0), (0.01039, 0, 0, 0, 2),
            (0.00739, 1, -1, 1, 0), (-0.00514, 1, 1, 1, 0), (0.00208, 2, 2, 0, 0), (-0.00111, 0, 0, 1, -2),
            (-0.00057, 0, 0, 1, 2), (0.00056, 1, 1, 2, 0), (-0.00042, 0, 0, 3, 0), (0.00042, 1, 1, 0, 2),
            (0.00038, 1, 1, 0, -2), (-0.00024, 1, -1, 2, 0),
        ]
        var date = 2_451_550.09766 + 29.530588861 * k + 0.00015437 * t * t
        for (coefficient, power, a, b, c) in terms {
            date += coefficient * pow(eccentricity, Double(power)) * sin(a * sun + b * moon + c * latitude)
        }
        date -= 0.00017 * sin(node)
        // Terrestrial time is some seventy seconds ahead of universal time in these years.
        return date - 70 / 86_400.0
    }

    /// The sun's apparent longitude at local midnight, degrees.
    private static func sunAtStart(of day: LocalDay) -> Double {
        let t = (Double(day.number) + 2_440_587.5 - 7 / 24.0 - 2_451_545) / 36_525
        let radians = Double.pi / 180
        let anomaly = (357.52911 + 35_999.05029 * t) * radians
        let centre =
            (1.914602 - 0.004817 * t) * sin(anomaly) + 0.019993 * sin(2 * anomaly) + 0.000289 * sin(3 * anomaly)
        let node = (125.04 - 1_934.136 * t) * radians
        let longitude = 280.46646 + 36_000.76983 * t + centre - 0.00569 - 0.00478 * sin(node)
        return longitude - 360 * (longitude / 360).rounded(.down)
    }
}
